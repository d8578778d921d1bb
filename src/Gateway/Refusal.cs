using System.Collections.Immutable;
using Agreements;
using Gateway.Problems;
using Gateway.Quotas;
using Microsoft.Extensions.Primitives;

namespace Gateway;

/// <summary>Why an exchange ends without a disclosure: what the caller is told, and what only the log is told.</summary>
/// <param name="Problem">Line of the closed list.</param>
public sealed record Refusal(Problem Problem)
{
    /// <summary>Rule that decided; the problem's own unless another stands here.</summary>
    public string Rule { get; init; } = Problem.Rule;

    /// <summary><c>agreement@version article</c>, when a clause of the agreement decided.</summary>
    public string? Clause { get; init; }

    /// <summary>What is wrong with the request's content or headers, each by its place and rule.</summary>
    public ImmutableArray<RequestError> Errors { get; init; } = [];

    /// <summary>Institution id, when the provider is at fault.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider was not asked and nothing was tried: it is not among those consulted.</summary>
    public bool IsNotAsked { get; init; }

    /// <summary>Paths, purposes or operations that the agreement would have to name.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>Pairs of agreement and purpose between which the token leaves the choice open.</summary>
    public ImmutableArray<GrantChoice> Choices { get; init; } = [];

    /// <summary>
    /// Words for the detail: operation, purpose, agreement, parameter names that exist in the contract. Never a value that was sent.
    /// </summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>Seconds after which to come back; null when the refusal does not say.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>
    /// What the dossier gate said of the person: <c>none</c> or <c>open</c>. Null when the refusal tells nothing about the person. One that
    /// does is charged like a miss, so that nobody walks over identifiers by it.
    /// </summary>
    public string? Gate { get; init; }

    /// <summary>
    /// The question may have reached a source. One that was tried and reached nobody (circuit open, no connection) asked nobody, although
    /// the source was consulted.
    /// </summary>
    public bool Asked { get; init; }

    /// <summary>The quota that is used up; null when none is.</summary>
    internal QuotaState? Quota { get; init; }

    /// <summary><c>WWW-Authenticate</c> challenges of the refusal; empty when there is none.</summary>
    public StringValues Challenge { get; init; }

    /// <summary>Exact reason, for the diagnostic log only. English, without values that were sent.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Is the fault the provider's or the gateway's (a <c>fault</c> record) rather than the caller's (a <c>deny</c> record)?
    /// </summary>
    public bool IsFault => Problem.Status >= 500;
}

/// <summary>One thing wrong with a request's content.</summary>
/// <param name="Pointer">JSON Pointer (RFC 6901) into the request, or the name of a parameter or header.</param>
/// <param name="Code">Stable code.</param>
public sealed record RequestError(string Pointer, string Code)
{
    /// <summary>The form or rule that was broken, in the contract's words; null where the code says it. Never a value that was
    /// sent.</summary>
    public string? Rule { get; init; }

    /// <summary>Place among its neighbours, from 1, of a member or parameter whose name is not said back; then <see cref="Pointer"/> is the
    /// object it stands in.</summary>
    public int? Position { get; init; }
}
