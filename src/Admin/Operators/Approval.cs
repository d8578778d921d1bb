using System.Collections.Frozen;
using Admin.Checks;
using Admin.CommandLine;
using Tokens.Jose;

namespace Admin.Operators;

/// <summary>An act that two operators approved.</summary>
/// <param name="By">Their ids, in order, as they will stand in the ledger: <c>op-1,op-2</c>.</param>
internal sealed record ApprovedAct(string By);

/// <summary>
/// One operator's signed word for one act: a JWS of a type of its own that names act, kind and id, good for an hour. Two of them, by two
/// operators with two keys, prove that two keys of the operators file signed this very act within the hour. They do not prove that two
/// persons hold the keys, nor do they bind somebody who can write to the store without this tool.
/// </summary>
internal static class Approval
{
    private const string Type = "gatewayctl-approval+jwt";
    private const int Needed = 2;
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);
    private static readonly JoseProfile Profile = new()
    {
        Types = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, Type),
        KeyIdRequired = true,
    };

    /// <summary>Kinds of things by the act that two approve. Nothing takes an approval of another pair.</summary>
    internal static IReadOnlyDictionary<string, string[]> Kinds { get; } =
        new SortedDictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["compromise"] = ["key"],
            ["destroy"] = ["log", "text"],
            ["export"] = ["rows"],
            ["lift"] = ["institution", "client", "agreement", "issuer", "certificate"],
        };

    /// <summary>Signs an act.</summary>
    internal static string Sign(PartnerKey key, string @operator, string act, string kind, string id, DateTimeOffset now) =>
        key.Sign(
            Type,
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["iss"] = @operator,
                ["act"] = act,
                ["kind"] = kind,
                ["what"] = id,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = (now + Life).ToUnixTimeSeconds(),
                ["jti"] = PartnerKey.Random(),
            }
        );

    /// <summary>The operators behind approvals of exactly this act.</summary>
    /// <exception cref="Declined">Fewer than two, or one that does not hold; says which and why.</exception>
    internal static async Task<ApprovedAct> Verify(
        IReadOnlyList<string> approvals,
        FrozenDictionary<string, KeySet> operators,
        string act,
        string kind,
        string id,
        DateTimeOffset now
    )
    {
        var by = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var approval in approvals)
            by.Add(await Approver(approval, operators, act, kind, id, now));
        return by.Count >= Needed
            ? new(string.Join(',', by))
            : throw new Declined(
                "two-approvals",
                by.Count,
                act,
                Shell.Line("gatewayctl", "approve", act, kind, id) + " --operator … --key … --out …"
            );
    }

    private static async Task<string> Approver(
        string approval,
        FrozenDictionary<string, KeySet> operators,
        string act,
        string kind,
        string id,
        DateTimeOffset now
    )
    {
        if (JoseGuard.Read(approval, Profile, out _) is not { Issuer: { } named } jws)
            throw new Declined("approval-unreadable");
        if (!operators.TryGetValue(named, out var keys) || !await JwsSignature.IsValid(jws, keys))
            throw new Declined("approval-not-signed", named);
        if (jws.Text("act") != act || jws.Text("kind") != kind || jws.Text("what") != id)
            throw new Declined(
                "approval-of-another-act",
                named,
                Shell.Line(jws.Text("act") ?? "?", jws.Text("kind") ?? "?", jws.Text("what") ?? "?"),
                Shell.Line(act, kind, id)
            );
        if (
            jws is not { IssuedAt: { } issued, Expires: { } expires }
            || expires < now
            || issued > now + ClockTolerance.Ahead
            || expires - issued > Life
        )
            throw new Declined("approval-old", named);
        return named;
    }
}
