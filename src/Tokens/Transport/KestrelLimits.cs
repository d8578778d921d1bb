using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tokens.Transport;

/// <summary>What one connection may cost (hardening page, section 5.2), the same for every program.</summary>
public static class KestrelLimits
{
    /// <summary>Largest body unless an operation says otherwise, bytes.</summary>
    public const int DefaultBodyBytes = 16 * 1024;

    /// <summary>
    /// Longest request line, largest header section and most header lines that are taken: the gate refuses more, in words.
    /// </summary>
    public const int MostTargetBytes = 4 * 1024,
        MostHeaderBytes = 16 * 1024,
        MostHeaders = 40;

    private const int RestOfLine = 16; // "POST ", " HTTP/1.1" and the end of the line

    /// <summary>
    /// Sets every limit and turns the server header off. A header byte outside ASCII comes through as the one character that it is, so
    /// that the gate can refuse it in words; the server alone would answer it without any. For the same reason the server takes a
    /// multiple of what the gate lets through: what is beyond that it refuses itself (<see cref="ServerRefusals"/>), over HTTP/2
    /// without words, and beyond its size with the connection. A target that is too long is the server's to refuse: 414 is its status.
    /// </summary>
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.RequestHeaderEncodingSelector = StrictHeaders.EncodingOf;
        ApplyConnection(options.Limits);
        ApplyHttp2(options.Limits.Http2);
    }

    /// <summary>Queue of connections that the kernel holds for us.</summary>
    public static void Apply(SocketTransportOptions options) => options.Backlog = 512;

    private static void ApplyConnection(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = 10_000; // twice ConnectionCaps.Open, which decides: as many again may be leaving
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestLineSize = MostTargetBytes + RestOfLine;
        limits.MaxRequestHeadersTotalSize = 4 * MostHeaderBytes;
        limits.MaxRequestHeaderCount = 1000;
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
        limits.MaxRequestHeaderFieldSize = 4 * MostHeaderBytes; // beyond it ends the connection: one field may fill all that is taken
        limits.HeaderTableSize = 4 * 1024;
        limits.MaxFrameSize = 16 * 1024;
        limits.InitialStreamWindowSize = 64 * 1024;
        limits.InitialConnectionWindowSize = 1024 * 1024;
        limits.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
    }
}
