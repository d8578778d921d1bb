using System.Runtime.CompilerServices;
using Agreements;
using Gateway.Problems;
using Tokens.Access;

namespace Gateway.Authentication;

/// <summary>
/// Agreement and purpose of a token that names none: a foreign issuer need not know our agreements, so they follow from the token's
/// scopes, as they would at our own authority. Never from a header.
/// </summary>
internal static class ForeignGrant
{
    private static readonly ConditionalWeakTable<AccessToken, Resolved> Known = [];

    /// <summary>The token's own details, or those that its scopes leave no doubt about.</summary>
    /// <param name="token">Validated token.</param>
    /// <param name="client">Its client.</param>
    /// <param name="registry">Snapshot of the exchange.</param>
    /// <param name="time">Clock.</param>
    public static Verdict<ExchangeDetails> DetailsOf(AccessToken token, Client client, Registry registry, TimeProvider time)
    {
        if (token.Details is { } details)
            return details;
        var today = CivilTime.Today(time);
        if (Known.TryGetValue(token, out var known) && ReferenceEquals(known.Registry, registry) && known.Day == today)
            return known.Verdict;
        var verdict = Resolve(token, client, registry, today);
        Known.AddOrUpdate(token, new Resolved(registry, today, verdict));
        return verdict;
    }

    private static Verdict<ExchangeDetails> Resolve(AccessToken token, Client client, Registry registry, DateOnly today) =>
        GrantResolver.Resolve(registry, client, token.Scopes, details: null, today) switch
        {
            ResolvedGrant { Agreement: var agreement } grant => new ExchangeDetails(
                agreement.Reference,
                agreement.Id,
                agreement.Version,
                grant.Purpose,
                grant.Operations
            ),
            ResolutionRefused { Choices.IsEmpty: false } choice => new Refusal(Problem.PurposeNotCovered)
            {
                Rule = Problem.AgreementChoiceRequired.Rule,
                Choices = choice.Choices,
            },
            ResolutionRefused refused => new Refusal(Problem.ByCode[refused.Code])
            {
                Clause = refused.Agreement,
                Words = refused.Agreement is { } named ? [named] : [],
            },
            _ => throw new InvalidOperationException("a resolution is a grant or a refusal"),
        };

    private sealed record Resolved(Registry Registry, DateOnly Day, Verdict<ExchangeDetails> Verdict);
}
