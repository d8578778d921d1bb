using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tokens.Transport;

/// <summary>What one connection may cost (hardening page, section 5.2), the same for every program.</summary>
public static class KestrelLimits
{
    /// <summary>Largest body unless an operation says otherwise, bytes.</summary>
    public const int DefaultBodyBytes = 16 * 1024;

    /// <summary>Sets every limit, turns the server header off, and makes a header byte outside ASCII a 400 instead of a question mark.</summary>
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.RequestHeaderEncodingSelector = static _ => StrictAscii;
        ApplyConnection(options.Limits);
        ApplyHttp2(options.Limits.Http2);
    }

    /// <summary>Queue of connections that the kernel holds for us.</summary>
    public static void Apply(SocketTransportOptions options) => options.Backlog = 512;

    private static Encoding StrictAscii { get; } =
        Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    private static void ApplyConnection(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = 10_000; // twice ConnectionCaps.Open, which decides: as many again may be leaving
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestLineSize = 4 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 40;
        limits.MaxRequestBodySize = DefaultBodyBytes;
        limits.MaxRequestBufferSize = 64 * 1024;
        limits.MaxResponseBufferSize = 64 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static void ApplyHttp2(Http2Limits limits)
    {
        limits.MaxStreamsPerConnection = 100;
        limits.MaxRequestHeaderFieldSize = 8 * 1024;
        limits.HeaderTableSize = 4 * 1024;
        limits.MaxFrameSize = 16 * 1024;
        limits.InitialStreamWindowSize = 64 * 1024;
        limits.InitialConnectionWindowSize = 1024 * 1024;
        limits.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
    }
}
