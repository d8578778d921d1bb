using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Tokens.Transport;

/// <summary>
/// Who is counted as one before anybody has proved who it is: an IPv4 address, or the /64 network of an IPv6 address, all of which one
/// subscriber has.
/// </summary>
public readonly record struct SourceAddress
{
    private readonly ulong _network;
    private readonly bool _isIPv6;

    private SourceAddress(ulong network, bool isIPv6) => (_network, _isIPv6) = (network, isIPv6);

    /// <summary>The source of an address; whoever comes without one shares one source.</summary>
    public static SourceAddress Of(IPAddress? address)
    {
        if (address is null)
            return default;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length))
            return default;
        return length == 4
            ? new(BinaryPrimitives.ReadUInt32BigEndian(bytes), isIPv6: false)
            : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), isIPv6: true);
    }

    /// <summary>The same text for the same source, and another for every other.</summary>
    public override string ToString() => _network.ToString(_isIPv6 ? "x16" : "x8", CultureInfo.InvariantCulture);
}
