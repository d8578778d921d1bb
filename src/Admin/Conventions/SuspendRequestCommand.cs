using System.CommandLine;
using System.Globalization;
using Admin.Checks;
using Admin.CommandLine;

namespace Admin.Conventions;

/// <summary>
/// <c>agreement suspend-request</c>: a party's signed statement that an agreement stops, or goes on as far as it is concerned. Made off line, where the
/// institution's signing key is; any registered system of the institution hands it in (<c>contracts/catalogue/openapi.yaml</c>).
/// </summary>
internal static class SuspendRequestCommand
{
    private const string Type = "agreement-suspension+jwt";
    private const int Hours = 24;

    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("agreement") { Description = "Agreement id" };
        Option<string> institution = new("--institution") { Description = "Party that says so", Required = true }, key = new("--key") { Description = "Its private signing key (PEM)", Required = true };
        Option<string> gateway = new("--gateway") { Description = "Resource identifier of the gateway, https://…", Required = true }, reason = new("--reason") { Description = "A code such as data-leak; no text about persons", Required = true };
        var lift = new Option<bool>("--lift") { Description = "Let it go on: ends the party's own suspension, nobody else's" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "The suspension ends by itself at this instant" };
        var output = new Option<string>("--out") { Description = "File for the statement", Required = true };
        return new Command("suspend-request", "Signs, for one party, that an agreement stops at once. Hand it in within a day.") { id, institution, key, gateway, reason, lift, until, output }.Does(time, (parsed, terminal) =>
        {
            var (now, lifts, end) = (time.GetUtcNow(), parsed.GetValue(lift), parsed.GetValue(until));
            if (!parsed.GetValue(reason)!.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || parsed.GetValue(reason)!.Length is 0 or > 64) throw new Declined("--reason is a code of small letters, digits and hyphens", Exit.Usage);
            if (end is not null && (lifts || end <= now)) throw new Declined("--until: an instant to come, and only for a suspension", Exit.Usage);
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            var claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["iss"] = parsed.GetValue(institution)!, ["aud"] = parsed.GetValue(gateway)!, ["agr"] = parsed.GetValue(id)!, ["act"] = lifts ? "lift" : "suspend", ["reason"] = parsed.GetValue(reason)!,
                ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddHours(Hours).ToUnixTimeSeconds(), ["jti"] = PartnerKey.Random(),
            };
            if (end is { } instant) claims["until"] = instant.ToUnixTimeSeconds();
            File.WriteAllText(parsed.GetValue(output)!, signer.Sign(Type, claims));
            var path = $"{parsed.GetValue(gateway)}/catalogue/v1/agreements/{parsed.GetValue(id)}/suspensions";
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"✓ {parsed.GetValue(institution)}: {claims["act"]} {parsed.GetValue(id)}. {parsed.GetValue(output)}\n→ POST {path}, Content-Type: application/jose, within {Hours} h"));
            terminal.Answer(new { statement = parsed.GetValue(output), act = claims["act"], agreement = parsed.GetValue(id), by = parsed.GetValue(institution), jti = claims["jti"], key = signer.Public.KeyId, post = path });
            return Exit.Ok;
        });
    }
}
