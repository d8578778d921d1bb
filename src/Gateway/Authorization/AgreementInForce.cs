using Agreements;
using Gateway.Authentication;
using Gateway.Problems;
using Tokens.Status;

namespace Gateway.Authorization;

/// <summary>Step 2: the agreement that the token names, if it is law today.</summary>
internal static class AgreementInForce
{
    /// <summary>Finds the agreement of <paramref name="caller"/>'s token in <paramref name="registry"/>.</summary>
    /// <param name="registry">Snapshot that the exchange took at its first step.</param>
    /// <param name="status">What was stopped at once.</param>
    /// <param name="caller">Authenticated caller.</param>
    /// <param name="today">Civil day in Africa/Casablanca.</param>
    public static Verdict<Agreement> Find(Registry registry, StatusSnapshot status, Caller caller, DateOnly today)
    {
        if (!Registered(registry, caller).Allows(out var agreement, out var refusal))
            return refusal;
        return Standing(registry, status, agreement, today) is { } standing ? standing : agreement;
    }

    /// <summary>The agreement, if the registry has this version of it; whether it is law today is another question.</summary>
    public static Verdict<Agreement> Registered(Registry registry, Caller caller)
    {
        var reference = caller.AgreementReference.AsSpan();
        var at = reference.IndexOf('@');
        var id = at < 0 ? reference : reference[..at];
        if (!registry.Agreements.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var agreement))
            return new Refusal(Problem.AgreementUnknown);
        if (agreement.Reference != caller.AgreementReference)
            return new Refusal(Problem.TokenOutdated)
            {
                Words = [agreement.Reference],
                Challenge = Challenges.Of(caller.Scheme, "invalid_token"),
            };
        return agreement;
    }

    /// <summary>Why a registered agreement is no law on this day; null when it is.</summary>
    public static Refusal? Standing(Registry registry, StatusSnapshot status, Agreement agreement, DateOnly today) =>
        AgreementStatus.Of(registry, agreement, today) switch
        {
            AgreementState.InForce when status.IsSuspended(StoppedKind.Agreement, agreement.Id) => Refuse(
                Problem.AgreementSuspended,
                agreement
            ),
            AgreementState.InForce => null,
            AgreementState.Expired or AgreementState.Ended => Refuse(Problem.AgreementExpired, agreement),
            AgreementState.Suspended => Refuse(Problem.AgreementSuspended, agreement),
            _ => Refuse(Problem.AgreementNotInForce, agreement),
        };

    private static Refusal Refuse(Problem problem, Agreement agreement) =>
        new(problem) { Clause = agreement.Reference, Words = [agreement.Reference] };
}
