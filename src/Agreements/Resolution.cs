using System.Collections.Immutable;

namespace Agreements;

/// <summary>What a token request says in <c>authorization_details</c> of type <c>data_exchange</c> (authority page, section 5.1).</summary>
/// <param name="Agreement">Agreement id, or <c>id@version</c>.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="Operations">Operation ids; empty when the member is absent.</param>
public sealed record RequestedDetails(string Agreement, string Purpose, ImmutableArray<string> Operations);

/// <summary>An agreement and a purpose that would cover the request, ready to be sent.</summary>
/// <param name="Agreement">Agreement id.</param>
/// <param name="Purpose">Purpose code.</param>
public sealed record GrantChoice(string Agreement, string Purpose);

/// <summary>Which part of the token request was refused, which decides the OAuth error.</summary>
public enum RefusedPart
{
    /// <summary>The scopes: <c>invalid_scope</c>.</summary>
    Scope,

    /// <summary>The details, or their absence: <c>invalid_authorization_details</c>.</summary>
    Details,

    /// <summary>The client itself: <c>invalid_client</c>.</summary>
    Client,
}

/// <summary>Outcome of <see cref="GrantResolver"/>: <see cref="ResolvedGrant"/> or <see cref="ResolutionRefused"/>.</summary>
public abstract record Resolution;

/// <summary>One agreement at its version, one purpose, and operations that lie within both and within the client's ceiling.</summary>
/// <param name="Agreement">Agreement in force.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="Operations">Operation ids without repetition, in the order of the request.</param>
public sealed record ResolvedGrant(Agreement Agreement, string Purpose, ImmutableArray<string> Operations) : Resolution;

/// <summary>Why nothing is granted.</summary>
/// <param name="Part">Part of the request at fault.</param>
/// <param name="Code">Code of exchanges page, section 4: agreement-unknown, agreement-expired, operation-not-covered, …</param>
public sealed record ResolutionRefused(RefusedPart Part, string Code) : Resolution
{
    /// <summary><c>id@version</c> of the caller's own agreement that is not usable; null when no agreement may be named.</summary>
    public string? Agreement { get; init; }

    /// <summary>The date that explains it: last day of an expired agreement, first day of one to come; null otherwise.</summary>
    public DateOnly? On { get; init; }

    /// <summary>With <c>agreement-choice-required</c>: at most 20 pairs that cover the request.</summary>
    public ImmutableArray<GrantChoice> Choices { get; init; } = [];
}
