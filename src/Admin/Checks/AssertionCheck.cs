using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;
using Agreements;
using Authority;
using Tokens.ClientProof;
using Tokens.Jose;

namespace Admin.Checks;

/// <summary>
/// Judges a client assertion offline with the code of the token server: its guard, its claims, its keys. The verdict is the server's; the
/// facts beside it are what the assertion says and what the registration wants.
/// </summary>
internal static class AssertionCheck
{
    /// <summary>Everything that is wrong; empty when the server would take the assertion, once.</summary>
    /// <param name="compact">The assertion.</param>
    /// <param name="issuer">Issuer identifier of the token server.</param>
    /// <param name="client">Registration.</param>
    /// <param name="now">When it is presented.</param>
    internal static async Task<ImmutableArray<Finding>> Run(string compact, string issuer, Client client, DateTimeOffset now)
    {
        if (JoseGuard.Read(compact, JoseProfile.ClientAssertion, out var malformed) is not { } assertion)
            return [new Finding("assertion-" + Words.Kebab(malformed.ToString()), Header(compact))];
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var defect = ClientAssertion.Judge(assertion, issuer, client.Id, now);
        if (defect != AssertionDefect.None)
            findings.Add(new Finding("assertion-" + Words.Kebab(defect.ToString()), Facts(defect, assertion, issuer, client.Id, now)));
        if (client.Authentication != ClientAuthentication.PrivateKeyJwt)
            findings.Add(new Finding("client-unknown", ("auth", Words.Kebab(client.Authentication.ToString()).Replace('-', '_'))));
        else if (await Signature(assertion, client, now) is { } wrong)
            findings.Add(wrong);
        if (!client.Active)
            findings.Add(new Finding("client-suspended", ("client", client.Id)));
        return findings.ToImmutable();
    }

    private static async Task<Finding?> Signature(GuardedJws assertion, Client client, DateTimeOffset now)
    {
        var registered = new RegisteredClient(client);
        var usable = registered.KeysOn(CivilTime.DateOf(now));
        if (await JwsSignature.IsValid(assertion, usable))
            return null;
        var all = KeySet.Parse(client.Jwks!);
        var kids = string.Join(' ', all.Keys.Select(static key => key.Kid));
        if (assertion.KeyId is not { } kid)
            return new Finding("assertion-signature", ("kid", "-"), ("registered", kids));
        var code =
            !all.Has(kid) ? "key-unknown"
            : !usable.Has(kid) ? "key-outside-validity"
            : "key-other";
        return new Finding(code, ("kid", kid), ("registered", kids));
    }

    private static ImmutableArray<Fact> Facts(
        AssertionDefect defect,
        GuardedJws assertion,
        string issuer,
        string client,
        DateTimeOffset now
    ) =>
        defect switch
        {
            AssertionDefect.Audience => [("aud", Raw(assertion, "aud")), ("expected", $"\"{issuer}\"")],
            AssertionDefect.IssuerIsNotSubject => [("iss", Raw(assertion, "iss")), ("sub", Raw(assertion, "sub")), ("expected", client)],
            AssertionDefect.OtherClient => [("sub", Raw(assertion, "sub")), ("client_id", client)],
            AssertionDefect.NoId => [("jti", Raw(assertion, "jti"))],
            AssertionDefect.NoExpiry => [],
            _ => [("iat", assertion.IssuedAt), ("nbf", assertion.NotBefore), ("exp", assertion.Expires), ("now", (DateTimeOffset?)now)],
        };

    private static string Raw(GuardedJws assertion, string claim) =>
        assertion.Payload.TryGetProperty(claim, out var member) ? member.GetRawText() : "-";

    /// <summary>What the header of an assertion that the guard refused says of itself, if it can be read at all.</summary>
    private static ImmutableArray<Fact> Header(string compact)
    {
        try
        {
            using var header = JsonDocument.Parse(
                Base64Url.DecodeFromChars(compact.AsSpan(0, Math.Max(0, compact.IndexOf('.', StringComparison.Ordinal))))
            );
            return
            [
                .. header
                    .RootElement.EnumerateObject()
                    .Where(static member => member.Name is "alg" or "typ" or "kid" or "crit")
                    .Select(static member => (Fact)(member.Name, member.Value.GetRawText())),
            ];
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
