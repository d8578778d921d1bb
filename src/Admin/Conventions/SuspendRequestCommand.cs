using System.CommandLine;
using Admin.Checks;
using Admin.CommandLine;

namespace Admin.Conventions;

/// <summary>
/// <c>agreement suspend-request</c>: a party's signed statement that an agreement stops, or goes on as far as it is concerned. Made off
/// line, where the institution's signing key is; any registered system of the institution hands it in
/// (<c>contracts/catalogue/openapi.yaml</c>).
/// </summary>
internal static class SuspendRequestCommand
{
    private const string Type = "agreement-suspension+jwt";
    private const int Hours = 24;

    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("agreement");
        Option<string> institution = new("--institution") { Required = true },
            key = new("--key") { Required = true };
        Option<string> gateway = new("--gateway") { Required = true },
            reason = new("--reason") { Required = true };
        var lift = new Option<bool>("--lift");
        var until = new Option<DateTimeOffset?>("--until");
        var output = new Option<string>("--out") { Required = true };
        return new Command("suspend-request") { id, institution, key, gateway, reason, lift, until, output }.Does(
            time,
            (parsed, terminal) =>
            {
                var (now, lifts, end) = (time.GetUtcNow(), parsed.GetValue(lift), parsed.GetValue(until));
                if (
                    !parsed.GetValue(reason)!.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
                    || parsed.GetValue(reason)!.Length is 0 or > 64
                )
                    throw Declined.Usage("reason-is-a-code", parsed.GetValue(reason)!);
                if (end is not null && (lifts || end <= now))
                    throw Declined.Usage("until-form", until.Name, lift.Name);
                Ids.RefuseAgreement(parsed.GetValue(id)!);
                if (!Uri.TryCreate(parsed.GetValue(gateway), UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
                    throw Declined.Usage("no-https-address", gateway.Name, parsed.GetValue(gateway)!);
                using var signer = PartnerKey.Load(parsed.GetValue(key)!);
                var claims = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["iss"] = parsed.GetValue(institution)!,
                    ["aud"] = parsed.GetValue(gateway)!,
                    ["agr"] = parsed.GetValue(id)!,
                    ["act"] = lifts ? "lift" : "suspend",
                    ["reason"] = parsed.GetValue(reason)!,
                    ["iat"] = now.ToUnixTimeSeconds(),
                    ["exp"] = now.AddHours(Hours).ToUnixTimeSeconds(),
                    ["jti"] = PartnerKey.Random(),
                };
                if (end is { } instant)
                    claims["until"] = instant.ToUnixTimeSeconds();
                File.WriteAllText(parsed.GetValue(output)!, signer.Sign(Type, claims));
                var path = $"{parsed.GetValue(gateway)}/catalogue/v1/agreements/{parsed.GetValue(id)}/suspensions";
                terminal.Done(
                    lifts ? "statement-lifts" : "statement-stops",
                    parsed.GetValue(institution)!,
                    parsed.GetValue(id)!,
                    parsed.GetValue(output)!
                );
                terminal.Under("statement-next", Hours, $"POST {path}", "Content-Type: application/jose");
                terminal.Answer(
                    new
                    {
                        statement = parsed.GetValue(output),
                        act = claims["act"],
                        agreement = parsed.GetValue(id),
                        by = parsed.GetValue(institution),
                        jti = claims["jti"],
                        key = signer.Public.KeyId,
                        post = path,
                    }
                );
                return Exit.Ok;
            }
        );
    }
}
