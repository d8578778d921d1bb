using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>How YARP is told to forward.</summary>
internal static class ForwarderRequestConfigs
{
    /// <summary>HTTP/1.1 exactly. The deadline is the exchange's own; this one only replaces YARP's default of 100 s.</summary>
    public static readonly ForwarderRequestConfig Exact11 = new()
    {
        ActivityTimeout = TimeSpan.FromSeconds(90),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
