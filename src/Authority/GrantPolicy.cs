using System.Collections.Immutable;
using System.Globalization;
using Agreements;
using Tokens.Status;

namespace Authority;

/// <summary>
/// Step 5: which agreement, purpose and operations a request is granted. The decision is <see cref="GrantResolver"/>'s; here are only
/// parameters and words.
/// </summary>
/// <param name="resources">Audiences for which tokens are issued; the first is the default.</param>
/// <param name="stopped">What was stopped at once, as it stands when asked.</param>
/// <param name="time">Clock.</param>
public sealed class GrantPolicy(IReadOnlyList<string> resources, Func<StatusSnapshot> stopped, TimeProvider time)
{
    private const int MaxScopes = 32;

    /// <summary>Resolves a request of an authenticated client.</summary>
    public Verdict<Grant> Resolve(AuthenticatedClient client, TokenRequest request)
    {
        if (!ResourceOf(request).Allows(out var resource, out var refusal))
            return refusal;
        var question = new ResolvedGrants.Question(resource, request.Scope, request.Details, CivilTime.Today(time));
        var grant = client.Registered.Grants.Find(question);
        if (grant is null)
        {
            if (!Decide(client, request, question).Allows(out grant, out refusal))
                return refusal;
            client.Registered.Grants.Keep(question, grant);
        }

        // Remembered or not: a party or an operator may have stopped since what the files say is in force.
        if (!stopped().IsSuspended(StoppedKind.Agreement, grant.Agreement[..grant.Agreement.IndexOf('@', StringComparison.Ordinal)]))
            return grant;
        return Told(
            new ResolutionRefused(request.Details is null ? RefusedPart.Scope : RefusedPart.Details, "agreement-suspended")
            {
                Agreement = grant.Agreement,
            }
        );
    }

    private static Verdict<Grant> Decide(AuthenticatedClient client, TokenRequest request, ResolvedGrants.Question question)
    {
        var scopes = (request.Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToImmutableArray();
        if (scopes.Length > MaxScopes)
            return TokenRefusal.InvalidRequest("scopes-too-many", "too many scopes");
        RequestedDetails? details = null;
        if (request.Details is { } json && !DetailsParameter.Read(json).Allows(out details, out var unusable))
            return unusable;
        return GrantResolver.Resolve(client.Registry, client.Registered.Client, scopes, details, question.Today) switch
        {
            ResolvedGrant grant => new Grant(
                question.Resource,
                grant.Agreement.Reference,
                grant.Purpose,
                [.. grant.Operations.Order(StringComparer.Ordinal)],
                CivilTime.EndOf(grant.Agreement.Until)
            ),
            ResolutionRefused refused => Told(refused),
            _ => throw new InvalidOperationException("a resolution is a grant or a refusal"),
        };
    }

    /// <summary>RFC 8707: one audience per token (OA-18), and never one that is not configured.</summary>
    private Verdict<string> ResourceOf(TokenRequest request)
    {
        if (request.Resources.Length == 0)
            return resources[0];
        if (request.Resources.Length == 1 && resources.Contains(request.Resources[0], StringComparer.Ordinal))
            return request.Resources[0];
        return new TokenRefusal(
            "invalid_target",
            400,
            "target-unknown",
            request.Resources.Length > 1 ? "one resource per token" : "the resource is not one of this authorization server"
        );
    }

    private static TokenRefusal Told(ResolutionRefused refused)
    {
        var error = refused.Part switch
        {
            RefusedPart.Scope => "invalid_scope",
            RefusedPart.Client => "invalid_client",
            _ => "invalid_authorization_details",
        };
        var status = refused.Part == RefusedPart.Client ? 401 : 400;
        var named = refused.Agreement is { } agreement ? $"agreement {agreement}" : "the agreement";
        var (rule, words) = refused.Code switch
        {
            "agreement-unknown" => ("AGR-01", "no such agreement of yours"),
            "agreement-not-in-force" => (
                "AGR-02",
                refused.On is { } from ? $"{named} takes effect on {Day(from)}" : $"{named} is not signed by every party"
            ),
            "agreement-expired" => ("AGR-03", refused.On is { } on ? $"{named} expired on {Day(on)}" : $"{named} has expired"),
            "agreement-suspended" => ("AGR-04", $"{named} is suspended"),
            "prior-authorization-missing" => ("AGR-05", $"{named} has no valid prior authorisation for this purpose"),
            "agreement-choice-required" => (
                "AGR-06",
                "several agreements or purposes cover these scopes; send one of the choices as authorization_details"
            ),
            "operation-not-covered" => (
                "PER-01",
                "an operation is unknown, not covered by an agreement of yours, or above this client's ceiling"
            ),
            "purpose-not-covered" => ("PER-02", $"{named} does not open this purpose to you"),
            "client-suspended" => ("AUT-07", "the client or its institution is suspended"),
            "request-invalid" => ("REQ-01", "scope and the operations of authorization_details must be the same set"),
            _ => throw new InvalidOperationException("a code that the resolver does not have"),
        };
        return TokenRefusal.Ruled(error, status, refused.Code, rule, words) with { Choices = refused.Choices };
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
