using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Tokens.ClientProof;
using Tokens.Revocation;

namespace Tokens.Transport;

/// <summary>
/// The client certificate of a connection, judged once in its handshake: the platform has seen proof of its key. Everything that is
/// compared on each request is computed here, once per connection.
/// </summary>
public sealed class PresentedCertificate
{
    private static readonly object Slot = new();

    private readonly ImmutableArray<ReadOnlyMemory<byte>> _above;
    private volatile CertificateStops.Verdict? _verdict;

    private PresentedCertificate(
        X509Certificate2 certificate,
        ImmutableArray<string> authorities,
        ImmutableArray<ReadOnlyMemory<byte>> above
    )
    {
        _above = above;
        Certificate = certificate;
        Authorities = authorities;
        Hash = ImmutableArray.Create(SHA256.HashData(certificate.RawDataMemory.Span));
        X5tS256 = Base64Url.EncodeToString(Hash.AsSpan());
        SpkiSha256 = Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        NotBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime());
        NotAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
    }

    /// <summary>The certificate; shared by all requests of the connection, never disposed by them.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Names of the authority sets in its chain; empty for a registered self-signed certificate.</summary>
    public ImmutableArray<string> Authorities { get; }

    /// <summary>SHA-256 of the DER certificate.</summary>
    public ImmutableArray<byte> Hash { get; }

    /// <summary><see cref="Hash"/> in base64url: the <c>x5t#S256</c> of RFC 8705 section 3.1.</summary>
    public string X5tS256 { get; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo, lower-case hex.</summary>
    public string SpkiSha256 { get; }

    /// <summary>Start of validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>End of validity. Connections outlive certificates: callers look at it on every request.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>
    /// The certificate and the intermediates above it, as lists of what was revoked or stopped name them; made at the first question.
    /// </summary>
    internal ImmutableArray<ChainLink> Links => field.IsDefault ? field = ChainLink.Of(Certificate, _above) : field;

    /// <summary>What such lists said last; a request that finds another list asks again.</summary>
    internal CertificateStops.Verdict? Verdict
    {
        get => _verdict;
        set => _verdict = value;
    }

    /// <summary>Its alternative names, read at the first question.</summary>
    internal AlternativeNames Names => field ??= AlternativeNames.Of(Certificate);

    /// <summary>Within its dates at <paramref name="now"/>?</summary>
    public bool IsCurrent(DateTimeOffset now) => now >= NotBefore && now <= NotAfter;

    /// <summary>The certificate of this request's connection; null when the listener asked for none or the connection is not TLS.</summary>
    public static PresentedCertificate? Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items is { } items ? Of(items) : null;

    /// <summary>The certificate of a connection, by its items; null when it has none.</summary>
    public static PresentedCertificate? Of(IDictionary<object, object?> connectionItems) =>
        connectionItems.TryGetValue(Slot, out var held) ? held as PresentedCertificate : null;

    /// <summary>A value outside any connection, for tools that judge a certificate file.</summary>
    /// <param name="certificate">The certificate; its public part is copied.</param>
    /// <param name="authorities">Names of the authority sets that it chains to.</param>
    public static PresentedCertificate From(X509Certificate2 certificate, params ImmutableArray<string> authorities) =>
        new(X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span), authorities, []);

    /// <summary>The leaf of a chain that was built and found sound.</summary>
    internal static PresentedCertificate From(X509Certificate2 certificate, ImmutableArray<string> authorities, X509Chain chain) =>
        new(
            X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span),
            authorities,
            [.. chain.ChainElements.Skip(1).Select(static element => element.Certificate.RawDataMemory)]
        );

    internal static string ThumbprintOf(X509Certificate2 certificate)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(certificate.RawDataMemory.Span, hash);
        return Base64Url.EncodeToString(hash);
    }

    internal void Keep(IDictionary<object, object?> connectionItems) => connectionItems[Slot] = this;
}
