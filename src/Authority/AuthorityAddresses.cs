using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Authority;

/// <summary>Where this authority is found. With port 0 the ports are known once it has started, and not before.</summary>
public sealed class AuthorityAddresses
{
    private readonly string? _issuer;
    private readonly string? _mutualTls;
    private ListenOptions? _public;
    private ListenOptions? _mutual;
    private ListenOptions? _operations;

    internal AuthorityAddresses(AuthorityOptions options) => (_issuer, _mutualTls) = (options.Issuer, options.MutualTlsBase);

    /// <summary>Issuer identifier.</summary>
    public string Issuer => _issuer ?? $"https://localhost:{Port(_public)}";

    /// <summary>Base address of the mutual-TLS listener.</summary>
    public string MutualTls => _mutualTls ?? $"https://localhost:{Port(_mutual)}";

    /// <summary>Base address of the operations listener.</summary>
    public string Operations => $"http://{_operations?.IPEndPoint}";

    internal void Bind(ListenOptions @public, ListenOptions mutual, ListenOptions operations) =>
        (_public, _mutual, _operations) = (@public, mutual, operations);

    private static int Port(ListenOptions? listen) =>
        listen?.IPEndPoint is { Port: > 0 } endpoint
            ? endpoint.Port
            : throw new InvalidOperationException("the authority has not started: its port is not known yet");
}
