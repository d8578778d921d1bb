using Agreements;
using Gateway.Audit;
using Gateway.Authentication;

namespace Gateway.Catalogue;

/// <summary>A call of the catalogue whose caller is known.</summary>
/// <param name="Http">The request.</param>
/// <param name="Path">Its path.</param>
/// <param name="Facts">What is known; the snapshots of law and status that the call keeps.</param>
/// <param name="Agreement">The agreement in force that the token names.</param>
internal sealed record CatalogueCall(HttpContext Http, string Path, ExchangeFacts Facts, Agreement Agreement)
{
    /// <summary>Who calls.</summary>
    public Caller Caller => Facts.Caller!;

    /// <summary>The law of this call.</summary>
    public Registry Registry => Facts.Registry;
}
