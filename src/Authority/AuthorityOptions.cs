using System.Net;
using System.Security.Cryptography.X509Certificates;
using Authority.Keys;
using Tokens.Revocation;
using Tokens.Stores;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// What the authority is told. The sandbox and tests fill it in code, <c>Program.cs</c> from <see cref="AuthoritySettings"/>.
/// </summary>
public sealed class AuthorityOptions
{
    /// <summary>
    /// Issuer identifier, https, without query, fragment or trailing slash. Null: <c>https://localhost</c> with the public listener's port.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// Base address of the mutual-TLS listener as partners see it. Null: <c>https://localhost</c> with that listener's port.
    /// </summary>
    public string? MutualTlsBase { get; set; }

    /// <summary>Public listener.</summary>
    public IPEndPoint Public { get; set; } = new(IPAddress.Loopback, 7443);

    /// <summary>Mutual-TLS listener.</summary>
    public IPEndPoint MutualTls { get; set; } = new(IPAddress.Loopback, 7444);

    /// <summary>Operations listener, plain http: loopback or the operator's own network.</summary>
    public IPEndPoint Operations { get; set; } = new(IPAddress.Loopback, 7080);

    /// <summary>Server certificate with its private key, for both TLS listeners.</summary>
    public required X509Certificate2 ServerCertificate { get; init; }

    /// <summary>Certificates between it and its root.</summary>
    public X509Certificate2Collection ServerIntermediates { get; init; } = [];

    /// <summary>Partner roots by the name that registrations use.</summary>
    public required IReadOnlyDictionary<string, X509Certificate2Collection> Authorities { get; init; }

    /// <summary>
    /// Their revocation lists, by the same names; a set that is not named here has none, and its certificates are stopped by the status
    /// list alone.
    /// </summary>
    public IReadOnlyDictionary<string, RevocationSettings> Revocation { get; set; } =
        new Dictionary<string, RevocationSettings>(StringComparer.Ordinal);

    /// <summary>Where certificate, roots and passphrase were read from, so that they are read again when they change; null keeps them as
    /// they are.</summary>
    public AuthorityFileNames? Files { get; set; }

    /// <summary>Folder of the key ring.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>
    /// Memory of used assertions and proofs, this program's own or shared by its nodes. Null: <c>replay.db</c> in
    /// <see cref="StateDirectory"/>.
    /// </summary>
    public StoreSettings? Replay { get; set; }

    /// <summary>
    /// Status list, shared by the programs of the host or by all nodes. Null: <c>status.db</c> in <see cref="StateDirectory"/>.
    /// </summary>
    public StoreSettings? Status { get; set; }

    /// <summary>Passphrase of the key ring. A development passphrase exists in the sandbox only.</summary>
    public required string KeyPassphrase { get; init; }

    /// <summary>Times of the key ring.</summary>
    public KeyRingOptions Keys { get; init; } = new();

    /// <summary>Audiences for which tokens are issued; the first is the default.</summary>
    public required IReadOnlyList<ResourceOptions> Resources { get; set; }

    /// <summary>Failed authentications of one address a minute before it gets 429.</summary>
    public int FailuresPerMinute { get; set; } = 20;

    /// <summary>Caps on connections.</summary>
    public ConnectionCapOptions Caps { get; init; } = new();

    /// <summary>Time between red readiness and closed listeners when the program is asked to stop (<see
    /// cref="Tokens.Operations.Leaving"/>).</summary>
    public TimeSpan StopGrace { get; set; }

    /// <summary>Base address of the pages that explain problem codes; null when there are none.</summary>
    public string? ProblemPages { get; set; }
}

/// <summary>Files of the authority that may be renewed while it runs.</summary>
/// <param name="ServerCertificate">PEM: server certificate, then its intermediates.</param>
/// <param name="ServerKey">PEM: its private key.</param>
/// <param name="Authorities">Partner roots: name of the set → PEM.</param>
/// <param name="KeyPassphrase">Passphrase of the key ring.</param>
public sealed record AuthorityFileNames(
    string ServerCertificate,
    string ServerKey,
    IReadOnlyDictionary<string, string> Authorities,
    string KeyPassphrase
);

/// <summary>A resource server.</summary>
/// <param name="Id">Its identifier: the <c>aud</c> of tokens for it.</param>
/// <param name="IntrospectedBy">Clients that may introspect tokens for it.</param>
public sealed record ResourceOptions(string Id, IReadOnlyList<string> IntrospectedBy);
