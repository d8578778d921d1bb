using System.Net.Sockets;
using System.Text.Json;

namespace Ledger.Local;

/// <summary>What one user of this machine may have sealed (ledger page §15).</summary>
/// <param name="Uid">Numeric user id, as the kernel reports it for the other end of the socket.</param>
/// <param name="Events">Allowed events: exact (<c>erase</c>) or, with a star at the end, by prefix (<c>token*</c>).</param>
/// <param name="Essential">Whether these records may use the space below the stop line.</param>
public sealed record LocalPeer(uint Uid, IReadOnlyList<string> Events, bool Essential = false)
{
    // SOL_SOCKET and SO_PEERCRED on Linux; the answer is struct ucred: pid, uid, gid.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>The peers of a node: the Authority, the console, and the administrators' tool, each by its user.</summary>
    public static IReadOnlyList<LocalPeer> Of(uint authority, uint console, uint administrator) =>
        [
            new(authority, ["token*", "suspend", "key", "clock"]),
            new(console, ["officer.*", "citizen.*", "finding", "verify", "reconcile", "erase"], Essential: true),
            new(administrator, ["config", "agreement", "suspend", "key", "erase"], Essential: true),
        ];

    /// <summary>User id of the process at the other end.</summary>
    internal static uint UidOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToUInt32(credentials[4..]);
    }

    /// <summary>Whether a record is of an allowed event. Anything that is not a JSON object with a text <c>ev</c> is not.</summary>
    internal bool Allows(ReadOnlySpan<byte> record)
    {
        try
        {
            var reader = new Utf8JsonReader(record);
            string? kind = null;
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("ev"u8))
                {
                    // A second `ev` would let a reader see another event than was checked here.
                    if (kind is not null || !reader.Read() || reader.TokenType != JsonTokenType.String)
                    {
                        return false;
                    }

                    kind = reader.GetString();
                }
            }

            return kind is not null && record[0] == '{' && Events.Any(pattern => Matches(pattern, kind));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Matches(string pattern, string kind) =>
        pattern.EndsWith('*') ? kind.StartsWith(pattern[..^1], StringComparison.Ordinal) : kind == pattern;
}
