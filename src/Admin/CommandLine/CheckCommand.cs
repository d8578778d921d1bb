using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;
using Agreements;

namespace Admin.CommandLine;

/// <summary>
/// <c>client check</c>: offline with a registration at hand, <c>--assertion</c> or <c>--certificate</c>; online as the partner's own
/// program with <c>--issuer</c> and <c>--ca</c>.
/// </summary>
internal static class CheckCommand
{
    private static readonly Option<string?> Assertion = new("--assertion");
    private static readonly Option<string?> Contracts = new("--contracts");
    private static readonly Option<string[]> Authorities = new("--authority");
    private static readonly Option<string[]> Crl = new("--crl");
    private static readonly Option<string?> At = new("--at");
    private static readonly Option<string?> Scope = new("--scope");
    private static readonly Option<string?> Details = new("--details");
    private static readonly Option<string?> Gateway = new("--gateway");

    internal static Command Create(TimeProvider time)
    {
        var command = new Command("check")
        {
            Assertion,
            Contracts,
            Authorities,
            Crl,
            At,
            Scope,
            Details,
            Gateway,
            StoreOptions.Config,
            StoreOptions.StatusFile,
        };
        PartnerOptions.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            if (parsed.GetValue(Assertion) is { } file)
                return await OfAssertion(parsed, terminal, file);
            if (parsed.GetValue(Contracts) is not null && parsed.GetValue(PartnerOptions.Certificate) is { } certificate)
                return OfCertificate(parsed, terminal, certificate);
            var partner = PartnerOptions.Read(parsed);
            if (partner is { Key: null, Certificate: null })
                throw Declined.Usage("give-key-or-certificate");
            var (findings, caller) = await new OnlineCheck(partner, terminal).Run(
                parsed.GetValue(Scope),
                parsed.GetValue(Details),
                parsed.GetValue(Gateway)
            );
            return terminal.Report(findings, terminal.Words("may-call", partner.Client), caller);
        });
    }

    private static async Task<int> OfAssertion(ParseResult parsed, Terminal terminal, string file)
    {
        var issuer = PartnerOptions.Address(parsed);
        var compact = (file == "-" ? await Console.In.ReadToEndAsync() : await File.ReadAllTextAsync(file)).TrimEnd('\n', '\r');
        return terminal.Report(
            await AssertionCheck.Run(compact, issuer, Registered(parsed, terminal), Now(parsed, terminal)),
            terminal.Words("assertion-taken")
        );
    }

    private static int OfCertificate(ParseResult parsed, Terminal terminal, string file)
    {
        var chain = PartnerOptions.Roots(file);
        var authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal);
        foreach (var (name, roots) in Named(parsed, Authorities))
            authorities[name] = PartnerOptions.Roots(roots);
        var now = Now(parsed, terminal);
        using var lists = OfflineStops.Open([.. Named(parsed, Crl)], authorities, parsed, terminal.Time, now);
        return terminal.Report(
            CertificateCheck.Run(chain[0], [.. chain.Skip(1)], authorities, Registered(parsed, terminal), lists.Of, now),
            terminal.Words("certificate-taken")
        );
    }

    private static IEnumerable<(string Name, string File)> Named(ParseResult parsed, Option<string[]> option)
    {
        foreach (var named in parsed.GetValue(option) ?? [])
        {
            var at = named.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw Declined.Usage("name-and-file", option.Name, "NAME=FILE");
            yield return (named[..at], named[(at + 1)..]);
        }
    }

    private static Client Registered(ParseResult parsed, Terminal terminal)
    {
        var id = PartnerOptions.Required(parsed, PartnerOptions.Client);
        return ClientCommands.Registered(GatewayCtl.Registry(PartnerOptions.Required(parsed, Contracts), terminal.Time), id);
    }

    private static DateTimeOffset Now(ParseResult parsed, Terminal terminal) =>
        parsed.GetValue(At) is not { } at ? terminal.Time.GetUtcNow()
        : DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant
        : throw Declined.Usage("line-no-instant", At.Name, at);
}
