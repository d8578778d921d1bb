using System.Collections.Immutable;

namespace Tokens.Revocation;

/// <summary>The lists of one client authority at one instant. Immutable.</summary>
/// <param name="Name">Name of the authority's set.</param>
/// <param name="Fail">What it means when they do not tell.</param>
/// <param name="Roots">Certificates of the set.</param>
/// <param name="Lists">What its sources hold.</param>
/// <param name="Faults">What is wrong with the sources, one text each; empty when nothing is.</param>
internal sealed record AuthorityLists(
    string Name,
    RevocationFailure Fail,
    ImmutableArray<IssuerCertificate> Roots,
    ImmutableArray<RevocationList> Lists,
    ImmutableArray<string> Faults
)
{
    /// <summary>What the lists say about one certificate under its issuer, and until when that can be relied on.</summary>
    internal (CertificateStop Stop, DateTimeOffset Until) Judge(ChainLink link, DateTimeOffset now)
    {
        var until = DateTimeOffset.MinValue;
        foreach (var list in Lists)
        {
            if (list.Issuer != link.IssuerName || link.Issuer is null || !list.IsSignedBy(link.Issuer))
                continue;
            // Also a list past its end: nobody is taken off one by waiting.
            if (list.Serials.Contains(link.Serial))
                return (CertificateStop.Revoked, DateTimeOffset.MaxValue);
            if (list.NextUpdate > until && list.Covers(link))
                until = list.NextUpdate;
        }
        if (until > now)
            return (CertificateStop.None, until);
        return (Fail == RevocationFailure.Hard ? CertificateStop.Unknown : CertificateStop.None, DateTimeOffset.MaxValue);
    }

    /// <summary>
    /// Does a list name it that a root of the set has signed? For a certificate that was taken without a chain, because it is registered
    /// itself.
    /// </summary>
    internal bool Names(ChainLink link) =>
        Lists.Any(list => list.Issuer == link.IssuerName && list.Serials.Contains(link.Serial) && Roots.Any(list.IsSignedBy));

    /// <summary>Has some root a list in date? Without one no certificate of the set can be told to be good.</summary>
    internal bool Tells(DateTimeOffset now) => Roots.Any(root => Lists.Any(list => list.NextUpdate > now && list.IsSignedBy(root)));

    /// <summary>
    /// When the first of the issuers that are known has no list any more; <see cref="DateTimeOffset.MinValue"/> when one has none now.
    /// </summary>
    internal DateTimeOffset CompleteUntil()
    {
        var ends = Lists
            .GroupBy(static list => list.Issuer, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Max(static list => list.NextUpdate), StringComparer.Ordinal);
        var first = ends.Count == 0 ? DateTimeOffset.MinValue : ends.Values.Min();
        return Roots.Any(root => root.MaySignLists && !Lists.Any(list => list.IsSignedBy(root))) ? DateTimeOffset.MinValue : first;
    }
}
