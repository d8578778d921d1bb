using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;

namespace Admin.CommandLine;

/// <summary>Options of the commands that a partner runs against a token server.</summary>
internal static class PartnerOptions
{
    internal static Option<string?> Issuer { get; } = new("--issuer") { Description = "Issuer identifier of the token server, exactly as given" };
    internal static Option<string?> Client { get; } = new("--client") { Description = "client_id" };
    internal static Option<string?> Ca { get; } = new("--ca") { Description = "PEM: roots of the servers" };
    internal static Option<string?> Key { get; } = new("--key") { Description = "PEM: private key of client assertions (private_key_jwt)" };
    internal static Option<string?> Certificate { get; } = new("--certificate") { Description = "PEM: client certificate, then its intermediates" };
    internal static Option<string?> CertificateKey { get; } = new("--certificate-key") { Description = "PEM: private key of the certificate" };

    /// <summary>Adds them to a command.</summary>
    internal static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Issuer, Client, Ca, Key, Certificate, CertificateKey }) command.Options.Add(option);
    }

    /// <summary>Reads the files that they name. Certificates that are not needed for the call stay unread.</summary>
    internal static Partner Read(ParseResult parsed)
    {
        var certificate = parsed.GetValue(Certificate);
        return new Partner
        {
            Issuer = Required(parsed, Issuer),
            Client = Required(parsed, Client),
            Trust = Roots(Required(parsed, Ca)),
            Key = parsed.GetValue(Key) is { } key ? PartnerKey.Load(key) : null,
            Certificate = certificate is null ? null : X509Certificate2.CreateFromPemFile(certificate, Required(parsed, CertificateKey)),
            Intermediates = certificate is null ? [] : [.. Roots(certificate).Skip(1)],
        };
    }

    internal static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new Declined($"{file}: no certificate in PEM form", Exit.Usage);
    }

    internal static string Required(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) ?? throw new Declined($"{option.Name} is missing", Exit.Usage);
}
