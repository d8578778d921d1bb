using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agreements;
using Gateway.Requests;
using Tokens.Jose;
using Tokens.Status;

namespace Gateway.Suspensions;

/// <summary>
/// What a party says about an agreement, signed by a key of its institution file: a JWS of a type of its own, so that no other thing the
/// key signs passes for one. The library verifies it; the claims are a closed list (<c>contracts/catalogue/openapi.yaml</c>).
/// </summary>
internal static partial class SuspensionStatement
{
    /// <summary><c>typ</c> of a statement.</summary>
    public const string Type = "agreement-suspension+jwt";

    /// <summary>A statement may be handed in for so long after it was signed: keys that sign agreements are kept off line.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private static readonly JoseProfile Profile = new()
    {
        Types = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, Type),
        KeyIdRequired = true,
    };
    private static readonly FrozenSet<string> Claims = FrozenSet.Create(
        StringComparer.Ordinal,
        "iss",
        "aud",
        "agr",
        "act",
        "reason",
        "iat",
        "exp",
        "jti",
        "until"
    );

    /// <summary>Reads and verifies a statement.</summary>
    /// <param name="compact">The JWS.</param>
    /// <param name="party">Institution that hands it in; it must be its own.</param>
    /// <param name="agreement">Agreement of the path; the statement must name it too.</param>
    /// <param name="gateway">Resource identifier: a statement for another gateway says nothing here.</param>
    /// <param name="now">Time.</param>
    public static async ValueTask<Verdict<PartyAct>> ReadAsync(
        string compact,
        Institution party,
        string agreement,
        string gateway,
        DateTimeOffset now
    )
    {
        if (JoseGuard.Read(compact, Profile, out _) is not { } jws)
            return RequestErrors.NotJson("not-a-statement");
        if (!await JwsSignature.IsValid(jws, KeysOf(party, CivilTime.DateOf(now))))
            return RequestErrors.NotJson("signature-not-accepted");
        var errors = new RequestErrors();
        errors.AddUnknown("", jws.Payload, Claims.Contains);
        if (jws.Issuer != party.Id)
            errors.Add("/iss", "not-the-callers");
        if (!jws.IsFor(gateway))
            errors.Add("/aud", "not-this-gateway");
        if (jws.Text("agr") != agreement)
            errors.Add("/agr", "not-of-this-path");
        if (jws.Text("act") is not ("suspend" or "lift"))
            errors.Add("/act", "invalid-format");
        if (jws.Text("reason") is not { } reason || !Reason().IsMatch(reason))
            errors.Add("/reason", "invalid-format");
        if (jws.JwtId is not { } id || !Id().IsMatch(id))
            errors.Add("/jti", "invalid-format");
        Dates(jws, now, errors);
        var until = Until(jws, now, errors);
        if (!errors.IsEmpty)
            return errors.ToRefusal([]);
        return new PartyAct(
            agreement,
            party.Id,
            jws.Text("act") == "suspend",
            jws.IssuedAt!.Value,
            jws.JwtId!,
            jws.Text("reason")!,
            until,
            compact
        );
    }

    private static KeySet KeysOf(Institution party, DateOnly today)
    {
        var keys = party.SigningKeys.Where(key => party.IsInTerm(key.Key, today)).Select(static key => key.Value).ToList();
        return keys.Count == 0 ? KeySet.Empty : KeySet.Parse($"{{\"keys\":[{string.Join(',', keys)}]}}");
    }

    private static void Dates(GuardedJws jws, DateTimeOffset now, RequestErrors errors)
    {
        if (jws.IssuedAt is not { } issued || ClockTolerance.IsAhead(jws, now))
            errors.Add("/iat", "invalid-format");
        else if (jws.Expires is not { } expires || expires <= issued || expires - issued > Life)
            errors.Add("/exp", "invalid-format");
        else if (ClockTolerance.IsPast(expires, now))
            errors.Add("/exp", "expired");
    }

    private static DateTimeOffset? Until(GuardedJws jws, DateTimeOffset now, RequestErrors errors)
    {
        if (!jws.Payload.TryGetProperty("until", out var member))
            return null;
        var years = now.AddYears(5);
        if (
            jws.Text("act") == "suspend"
            && member.ValueKind == JsonValueKind.Number
            && member.TryGetInt64(out var seconds)
            && seconds > now.ToUnixTimeSeconds()
            && seconds < years.ToUnixTimeSeconds()
        )
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        errors.Add("/until", "invalid-format");
        return null;
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{16,64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
