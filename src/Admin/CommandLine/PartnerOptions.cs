using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;
using Ledger;

namespace Admin.CommandLine;

/// <summary>Options of the commands that a partner runs against a token server.</summary>
internal static class PartnerOptions
{
    internal static Option<string?> Issuer { get; } = new("--issuer");
    internal static Option<string?> Client { get; } = new("--client");
    internal static Option<string?> Ca { get; } = new("--ca");
    internal static Option<string?> Key { get; } = new("--key");
    internal static Option<string?> Certificate { get; } = new("--certificate");
    internal static Option<string?> CertificateKey { get; } = new("--certificate-key");

    /// <summary>Adds them to a command.</summary>
    internal static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Issuer, Client, Ca, Key, Certificate, CertificateKey })
            command.Options.Add(option);
    }

    /// <summary>Reads the files that they name. Certificates that are not needed for the call stay unread.</summary>
    internal static Partner Read(ParseResult parsed)
    {
        var certificate = parsed.GetValue(Certificate);
        return new Partner
        {
            Issuer = Address(parsed),
            Client = Required(parsed, Client),
            Trust = Roots(Required(parsed, Ca)),
            Key = parsed.GetValue(Key) is { } key ? PartnerKey.Load(key) : null,
            Certificate = certificate is null ? null : SecretFile.Certificate(certificate, Required(parsed, CertificateKey)),
            Intermediates = certificate is null ? [] : [.. Roots(certificate).Skip(1)],
        };
    }

    /// <summary>The issuer, which is an https address.</summary>
    internal static string Address(ParseResult parsed)
    {
        var issuer = Required(parsed, Issuer);
        return Uri.TryCreate(issuer, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? issuer
            : throw Declined.Usage("no-https-address", Issuer.Name, issuer);
    }

    internal static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw Declined.Usage("no-certificate", file);
    }

    internal static string Required(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) ?? throw Declined.Usage("line-option-missing", option.Name);
}
