using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Tokens.Revocation;

/// <summary>What happens to the certificates of an authority while no list that is in date can say whether they were revoked.</summary>
public enum RevocationFailure
{
    /// <summary>They are refused until a list is there.</summary>
    Hard,

    /// <summary>They are taken; a note of readiness says so, the gauge falls to zero, and there is one line of the log.</summary>
    Soft,
}

/// <summary>
/// Where the revocation lists of one client authority are, and what their absence means. A section of the configuration, by the authority's
/// name.
/// </summary>
public sealed class RevocationSettings
{
    /// <summary>Files with lists, DER or PEM. Looked at every second.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<string> Files { get; set; } = [];

    /// <summary>Addresses of lists, http or https; one list each, DER or PEM.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<string> Urls { get; set; } = [];

    /// <summary>
    /// Must be stated: it decides whether an authority that is silent stops its partners or the gateway trusts them without knowing.
    /// </summary>
    public RevocationFailure? Fail { get; set; }

    /// <summary>Time between fetches of the addresses; a list that ends sooner is fetched then.</summary>
    public TimeSpan FetchEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>PEM of the roots that the https addresses chain to. Not needed for http: a list proves itself by its signature.</summary>
    public string Trust { get; set; } = "";

    /// <summary>A list that is larger is refused, bytes.</summary>
    public int MaxBytes { get; set; } = 16 << 20;

    /// <summary>Refuses what says nothing or cannot be done.</summary>
    /// <exception cref="InvalidDataException">Says what is wrong.</exception>
    internal void Check(string authority)
    {
        if (Fail is not (RevocationFailure.Hard or RevocationFailure.Soft))
            throw new InvalidDataException($"revocation of {authority}: state Fail, Hard or Soft");
        if (Files.Count + Urls.Count == 0)
            throw new InvalidDataException($"revocation of {authority}: name Files or Urls");
        if (FetchEvery <= TimeSpan.Zero || MaxBytes <= 0)
            throw new InvalidDataException($"revocation of {authority}: FetchEvery and MaxBytes must be above zero");
        foreach (var address in Urls)
        {
            if (!Ascii.IsValid(address) || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new InvalidDataException($"revocation of {authority}: '{address}' is not an http or https address");
            if (url.UserInfo.Length > 0)
                throw new InvalidDataException(
                    $"revocation of {authority}: an address holds a name or password, and addresses are written to the log"
                );
            if (url.Scheme == Uri.UriSchemeHttps && Trust.Length == 0)
                throw new InvalidDataException($"revocation of {authority}: '{address}' needs Trust, the roots of its server");
        }
    }
}
