using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Admin.Operators;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Admin.CommandLine;

/// <summary>
/// <c>certificate deny</c>, <c>lift</c>, <c>list</c>: certificates that are refused within a second, whatever the revocation lists of their
/// authority say. By fingerprint, or by issuer and serial number when nobody has the certificate at hand. An authority's certificate takes
/// all below it along.
/// </summary>
internal static class CertificateCommands
{
    private static readonly Option<string?> File = new("--file");
    private static readonly Option<string?> Fingerprint = new("--fingerprint");
    private static readonly Option<string?> Issuer = new("--issuer");
    private static readonly Option<string?> Serial = new("--serial");

    internal static Command Create(TimeProvider time) => new("certificate") { Deny(time), Lift(time), List(time) };

    /// <summary>An id as the status list holds it; what could never match any certificate is refused.</summary>
    internal static string Known(string id)
    {
        if (CertificateId.ReadFingerprint(id) is { } fingerprint)
            return fingerprint;
        var at = id.LastIndexOf('#');
        if (
            at > 0
            && SerialNumber.Read(id[(at + 1)..]) == id[(at + 1)..]
            && NameOf(id[..at]) is { } name
            && CertificateId.Of(name, id[(at + 1)..]) == id
        )
            return id;
        throw Declined.Usage("certificate-id", id, "gatewayctl certificate deny --issuer … --serial …");
    }

    private static Command Deny(TimeProvider time)
    {
        var command = new Command("deny")
        {
            File,
            Fingerprint,
            Issuer,
            Serial,
            StopCommands.Reason,
            StopCommands.By,
            StoreOptions.Config,
            StoreOptions.StatusFile,
        };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) =>
            StopCommands.Stop(parsed, terminal, StoppedKind.Certificate, IdOf(parsed), "denied-now")
        );
    }

    private static Command Lift(TimeProvider time)
    {
        var command = new Command("lift")
        {
            File,
            Fingerprint,
            Issuer,
            Serial,
            StopCommands.Reason,
            StoreOptions.Config,
            StoreOptions.StatusFile,
            OperatorCommands.Operators,
            OperatorCommands.Approvals,
        };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) => StopCommands.LetGoOn(parsed, terminal, StoppedKind.Certificate, IdOf(parsed)));
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list") { StoreOptions.Config, StoreOptions.StatusFile };
        return command.Does(time, (parsed, terminal) =>
        {
            using var status = StoreOptions.Status(parsed, time);
            var denied = status
                .Current.Suspensions.Where(static one => one.Kind == StoppedKind.Certificate)
                .OrderBy(static one => one.Since)
                .ThenBy(static one => one.Id, StringComparer.Ordinal)
                .ToList();
            foreach (var one in denied)
                terminal.Say("denied-row", one.Id, one.Since, one.Reason);
            if (denied.Count == 0)
                terminal.Say("none-denied");
            terminal.Answer(
                new
                {
                    certificates = denied.Select(static one => new
                    {
                        one.Id,
                        one.Since,
                        one.Reason,
                    }),
                }
            );
            return Exit.Ok;
        });
    }

    private static string IdOf(ParseResult parsed)
    {
        var (file, fingerprint, issuer, serial) = (
            parsed.GetValue(File),
            parsed.GetValue(Fingerprint),
            parsed.GetValue(Issuer),
            parsed.GetValue(Serial)
        );
        if (new[] { file, fingerprint, issuer ?? serial }.Count(static one => one is not null) != 1)
            throw Declined.Usage("give-certificate");
        if (file is not null)
            return PresentedCertificate.From(PartnerOptions.Roots(file)[0]).X5tS256;
        if (fingerprint is not null)
            return CertificateId.ReadFingerprint(fingerprint) ?? throw Declined.Usage("no-fingerprint", fingerprint);
        if (issuer is null || serial is null)
            throw Declined.Usage("issuer-and-serial");
        var number = SerialNumber.Read(serial) ?? throw Declined.Usage("no-serial", serial);
        var name = System.IO.File.Exists(issuer)
            ? PartnerOptions.Roots(issuer)[0].SubjectName
            : NameOf(issuer) ?? throw Declined.Usage("no-issuer-name", issuer, "CN=Authority,O=Institution,C=MA");
        return CertificateId.Of(name, number) ?? throw Declined.Usage("issuer-name-several");
    }

    private static X500DistinguishedName? NameOf(string written)
    {
        try
        {
            return new X500DistinguishedName(written, X500DistinguishedNameFlags.Reversed);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
