using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;
using Agreements;

namespace Admin.CommandLine;

/// <summary>
/// <c>client check</c>: offline with a registration at hand, <c>--assertion</c> or <c>--certificate</c>; online as the partner's own program
/// with <c>--issuer</c> and <c>--ca</c>.
/// </summary>
internal static class CheckCommand
{
    private static readonly Option<string?> Assertion = new("--assertion") { Description = "File with a client assertion to judge offline; - reads standard input" };
    private static readonly Option<string?> Contracts = new("--contracts") { Description = "Contracts folder with the registration, for offline checks" };
    private static readonly Option<string[]> Authorities = new("--authority") { Description = "name=PEM: a partner root for offline checks of certificates; may be repeated" };
    private static readonly Option<string[]> Crl = new("--crl") { Description = "name=FILE: a revocation list of a partner root, for offline checks of certificates; may be repeated" };
    private static readonly Option<string?> At = new("--at") { Description = "Judge offline as of this instant (2026-01-31T12:00:00Z)" };
    private static readonly Option<string?> Scope = new("--scope") { Description = "Operations to ask for, separated by blanks" };
    private static readonly Option<string?> Details = new("--details") { Description = "authorization_details to ask for, JSON" };
    private static readonly Option<string?> Gateway = new("--gateway") { Description = "Gateway to call; the first resource of the metadata unless stated" };

    internal static Command Create(TimeProvider time)
    {
        var command = new Command("check", "Says in words what is wrong with an assertion, a certificate, or the whole way to a first call.") { Assertion, Contracts, Authorities, Crl, At, Scope, Details, Gateway, StoreOptions.Config, StoreOptions.StatusFile };
        PartnerOptions.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            if (parsed.GetValue(Assertion) is { } file) return await OfAssertion(parsed, terminal, file);
            if (parsed.GetValue(Contracts) is not null && parsed.GetValue(PartnerOptions.Certificate) is { } certificate) return OfCertificate(parsed, terminal, certificate);
            var partner = PartnerOptions.Read(parsed);
            if (partner is { Key: null, Certificate: null }) throw new Declined("Give --key, or --certificate with --certificate-key, or both", Exit.Usage);
            var (findings, caller) = await new OnlineCheck(partner, terminal).Run(parsed.GetValue(Scope), parsed.GetValue(Details), parsed.GetValue(Gateway));
            return terminal.Report(findings, $"{partner.Client} may call", caller);
        });
    }

    private static async Task<int> OfAssertion(ParseResult parsed, Terminal terminal, string file)
    {
        var issuer = PartnerOptions.Required(parsed, PartnerOptions.Issuer);
        var compact = (file == "-" ? await Console.In.ReadToEndAsync() : await File.ReadAllTextAsync(file)).TrimEnd('\n', '\r');
        return terminal.Report(await AssertionCheck.Run(compact, issuer, Registered(parsed, terminal), Now(parsed, terminal)), "the token server takes this assertion, once");
    }

    private static int OfCertificate(ParseResult parsed, Terminal terminal, string file)
    {
        var chain = PartnerOptions.Roots(file);
        var authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal);
        foreach (var (name, roots) in Named(parsed, Authorities)) authorities[name] = PartnerOptions.Roots(roots);
        var now = Now(parsed, terminal);
        using var lists = OfflineStops.Open([.. Named(parsed, Crl)], authorities, parsed, terminal.Time, now);
        return terminal.Report(CertificateCheck.Run(chain[0], [.. chain.Skip(1)], authorities, Registered(parsed, terminal), lists.Of, now), "the handshake and the registration take this certificate");
    }

    private static IEnumerable<(string Name, string File)> Named(ParseResult parsed, Option<string[]> option)
    {
        foreach (var named in parsed.GetValue(option) ?? [])
        {
            var at = named.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new Declined($"{option.Name} is name=FILE", Exit.Usage);
            yield return (named[..at], named[(at + 1)..]);
        }
    }

    private static Client Registered(ParseResult parsed, Terminal terminal)
    {
        var id = PartnerOptions.Required(parsed, PartnerOptions.Client);
        return GatewayCtl.Registry(PartnerOptions.Required(parsed, Contracts), terminal.Time).Clients.TryGetValue(id, out var client) ? client : throw new Declined($"No client {id} is registered");
    }

    private static DateTimeOffset Now(ParseResult parsed, Terminal terminal) =>
        parsed.GetValue(At) is { } at ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : terminal.Time.GetUtcNow();
}
