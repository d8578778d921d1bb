using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tokens.Transport;

/// <summary>
/// The oldest runtime that is safe to listen with (hardening page, section 4.2), and the switches that must stand as they stand.
/// </summary>
public static class MinimumRuntime
{
    /// <summary>
    /// Of the runtime and of ASP.NET Core alike: they are installed apart, and a machine can have a new one beside an old one. 10.0.10:
    /// CVE-2026-50528 (SslStream authorization bypass), CVE-2026-50651 (HTTP/2 client memory exhaustion by an upstream); below 10.0.7 also
    /// CVE-2026-40372 (Data Protection forgery); CVE-2025-55315 (chunk-extension smuggling) is older still.
    /// </summary>
    public static readonly Version Floor = new(10, 0, 10);

    private const string LineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";
    private static readonly string[] NeverOn =
    [
        "Microsoft.AspNetCore.Server.Kestrel.EnableInsecureChunkedRequestParsing",
        "Microsoft.AspNetCore.Server.Kestrel.AllowKeepAliveAfterCLTE",
    ];

    /// <summary>Refuses to start on a runtime with known holes, or with a switch that reopens one.</summary>
    /// <exception cref="PlatformNotSupportedException">Says which.</exception>
    public static void Check() => Check(Environment.Version, AspNetCore, static name => AppContext.TryGetSwitch(name, out var on) && on);

    /// <summary>Version of the server that listens, as its assembly states it; null when it states none.</summary>
    internal static Version? AspNetCore { get; } =
        VersionOf(typeof(KestrelServerOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    internal static void Check(Version runtime, Version? server, Func<string, bool> isOn)
    {
        if (runtime < Floor)
            throw new PlatformNotSupportedException($"runtime {runtime} is below {Floor}: it has known holes; update .NET");
        if (server is null || server < Floor)
            throw new PlatformNotSupportedException(
                $"ASP.NET Core {server?.ToString() ?? "of an unknown version"} is below {Floor}: it has known holes; update it"
            );
        if (!isOn(LineFeeds))
            throw new PlatformNotSupportedException($"AppContext switch {LineFeeds} must be true: bare line feeds smuggle headers");
        foreach (var name in NeverOn)
            if (isOn(name))
                throw new PlatformNotSupportedException($"AppContext switch {name} must not be set");
    }

    /// <summary><c>10.0.12+commit</c>; a preview of a version (<c>10.0.12-rc.1</c>) is older than it, and none.</summary>
    internal static Version? VersionOf(string? informational) =>
        Version.TryParse(informational?.Split('+')[0], out var version) ? version : null;
}
