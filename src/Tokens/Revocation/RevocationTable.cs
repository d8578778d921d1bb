using System.Collections.Frozen;
using System.Collections.Immutable;
using Tokens.Transport;

namespace Tokens.Revocation;

/// <summary>
/// All revocation lists at one instant. Immutable: a new list is a new table, by which verdicts of open connections know that they are old.
/// </summary>
internal sealed class RevocationTable
{
    private readonly FrozenDictionary<string, AuthorityLists> _authorities;

    internal RevocationTable(IEnumerable<AuthorityLists> authorities) =>
        _authorities = authorities.ToFrozenDictionary(static one => one.Name, StringComparer.Ordinal);

    internal static RevocationTable Empty { get; } = new([]);
    internal bool IsEmpty => _authorities.Count == 0;
    internal ImmutableArray<AuthorityLists> Authorities => _authorities.Values;

    /// <summary>What the lists say about a connection's certificate and the authorities above it, and until when.</summary>
    internal (CertificateStop Stop, DateTimeOffset Until) Judge(PresentedCertificate certificate, DateTimeOffset now)
    {
        var (worst, until) = (CertificateStop.None, DateTimeOffset.MaxValue);
        foreach (var name in certificate.Authorities)
        {
            if (!_authorities.TryGetValue(name, out var authority))
                continue;
            foreach (var link in certificate.Links)
            {
                var (stop, end) = authority.Judge(link, now);
                if (stop == CertificateStop.Revoked)
                    return (stop, DateTimeOffset.MaxValue);
                if (stop == CertificateStop.Unknown)
                    worst = stop;
                if (end < until)
                    until = end;
            }
        }
        if (!certificate.Authorities.IsEmpty)
            return (worst, until);
        foreach (var authority in _authorities.Values)
            foreach (var link in certificate.Links)
                if (authority.Names(link))
                    return (CertificateStop.Revoked, DateTimeOffset.MaxValue);
        return (worst, until);
    }
}
