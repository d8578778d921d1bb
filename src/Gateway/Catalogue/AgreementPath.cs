using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Agreements;
using Agreements.Texts;
using Gateway.Problems;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// <c>GET /catalogue/v1/agreements/{reference}</c>: one agreement to which the caller's institution is a party, for programs, or as the
/// page that people read. What the caller is no party to is not found, whether it exists or not.
/// </summary>
internal sealed class AgreementPath(CallerLaw law) : ICataloguePath
{
    private const string Prefix = "/catalogue/v1/agreements/",
        Html = "text/html";

    /// <inheritdoc/>
    public string Operation => "catalogue.agreement.read";

    /// <inheritdoc/>
    public WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <inheritdoc/>
    public ImmutableArray<string> Offers => [CatalogueAnswer.Json, Html];

    /// <summary>Path of an agreement.</summary>
    public static string Of(Agreement agreement) => Prefix + agreement.Reference;

    /// <inheritdoc/>
    public bool Knows(string path) =>
        path.Length > Prefix.Length && path.StartsWith(Prefix, StringComparison.Ordinal) && !path.AsSpan(Prefix.Length).Contains('/');

    /// <inheritdoc/>
    public ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call)
    {
        var reference = call.Path[Prefix.Length..];
        var agreement = call.Registry.AgreementsWith(call.Caller.Institution.Id).FirstOrDefault(one => one.Reference == reference);
        if (agreement is null)
            return new(new Refusal(Problem.ResourceUnknown));
        var language = Languages.Negotiate(call.Http.Request.Headers.AcceptLanguage);
        var answer =
            Accepted.Best(call.Http.Request, Offers) == Html
                ? CatalogueAnswer.Of(
                    Encoding.UTF8.GetBytes(ConventionPage.Write(call.Registry, agreement, law.Today, language)),
                    ConventionPage.ContentType
                ) with
                {
                    ContentSecurityPolicy = ConventionPage.ContentSecurityPolicy,
                }
                : CatalogueAnswer.Of(
                    CatalogueText.Write(json =>
                        AgreementText.Write(
                            json,
                            call.Registry,
                            agreement,
                            law.Today,
                            law.StandingOf(call, agreement),
                            language,
                            usage: null
                        )
                    )
                );
        return new(answer with { Language = language, Vary = "Accept, Accept-Language" });
    }
}
