using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Admin.Operators;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Admin.CommandLine;

/// <summary>
/// <c>certificate deny</c>, <c>lift</c>, <c>list</c>: certificates that are refused within a second, whatever the revocation lists of their authority say. By
/// fingerprint, or by issuer and serial number when nobody has the certificate at hand. An authority's certificate takes all below it along.
/// </summary>
internal static class CertificateCommands
{
    private static readonly Option<string?> File = new("--file") { Description = "PEM: the certificate" };
    private static readonly Option<string?> Fingerprint = new("--fingerprint") { Description = "Its SHA-256: x5t#S256 in base64url, or hexadecimal with or without colons" };
    private static readonly Option<string?> Issuer = new("--issuer") { Description = "PEM of the authority that issued it, or its name as RFC 4514 writes it (CN=…,O=…,C=MA); with --serial" };
    private static readonly Option<string?> Serial = new("--serial") { Description = "Its serial number in hexadecimal" };

    internal static Command Create(TimeProvider time) => new("certificate", "Certificates that operators stop.") { Deny(time), Lift(time), List(time) };

    /// <summary>An id as the status list holds it; what could never match any certificate is refused.</summary>
    internal static string Known(string id)
    {
        if (CertificateId.ReadFingerprint(id) is { } fingerprint) return fingerprint;
        var at = id.LastIndexOf('#');
        if (at > 0 && SerialNumber.Read(id[(at + 1)..]) == id[(at + 1)..] && NameOf(id[..at]) is { } name && CertificateId.Of(name, id[(at + 1)..]) == id) return id;
        throw new Declined($"{id} names no certificate: give its fingerprint, or use gatewayctl certificate deny with --issuer and --serial", Exit.Usage);
    }

    private static Command Deny(TimeProvider time)
    {
        var command = new Command("deny", "Stops a certificate within a second, on open connections and for tokens bound to it too. One person may.") { File, Fingerprint, Issuer, Serial, StopCommands.Reason, StopCommands.By, StoreOptions.Config, StoreOptions.StatusFile };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) => StopCommands.Stop(parsed, terminal, StoppedKind.Certificate, IdOf(parsed), "is denied"));
    }

    private static Command Lift(TimeProvider time)
    {
        var command = new Command("lift", "Takes a certificate off the list. Takes two operators' approvals of: lift certificate ID, the id as 'certificate list' shows it.")
        {
            File, Fingerprint, Issuer, Serial, StopCommands.Reason, StoreOptions.Config, StoreOptions.StatusFile, OperatorCommands.Operators, OperatorCommands.Approvals,
        };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) =>
        {
            var id = IdOf(parsed);
            using (var status = StoreOptions.Status(parsed, time))
                if (!status.Current.IsSuspended(StoppedKind.Certificate, id)) throw new Declined($"No certificate {id} is denied: gatewayctl certificate list");
            return StopCommands.LetGoOn(parsed, terminal, StoppedKind.Certificate, id);
        });
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", "The certificates that are denied, since when, and why.") { StoreOptions.Config, StoreOptions.StatusFile };
        return command.Does(time, (parsed, terminal) =>
        {
            using var status = StoreOptions.Status(parsed, time);
            var denied = status.Current.Suspensions.Where(static one => one.Kind == StoppedKind.Certificate).OrderBy(static one => one.Since).ThenBy(static one => one.Id, StringComparer.Ordinal).ToList();
            foreach (var one in denied) terminal.Say($"{one.Since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}  {one.Reason}  {one.Id}");
            if (denied.Count == 0) terminal.Say("No certificate is denied.");
            terminal.Answer(new { certificates = denied.Select(static one => new { one.Id, one.Since, one.Reason }) });
            return Exit.Ok;
        });
    }

    private static string IdOf(ParseResult parsed)
    {
        var (file, fingerprint, issuer, serial) = (parsed.GetValue(File), parsed.GetValue(Fingerprint), parsed.GetValue(Issuer), parsed.GetValue(Serial));
        if (new[] { file, fingerprint, issuer ?? serial }.Count(static one => one is not null) != 1) throw new Declined("Give --file, or --fingerprint, or --issuer with --serial", Exit.Usage);
        if (file is not null) return PresentedCertificate.From(PartnerOptions.Roots(file)[0]).X5tS256;
        if (fingerprint is not null) return CertificateId.ReadFingerprint(fingerprint) ?? throw new Declined("--fingerprint is no SHA-256", Exit.Usage);
        if (issuer is null || serial is null) throw new Declined("--issuer and --serial go together", Exit.Usage);
        var number = SerialNumber.Read(serial) ?? throw new Declined("--serial is no serial number in hexadecimal", Exit.Usage);
        var name = System.IO.File.Exists(issuer) ? PartnerOptions.Roots(issuer)[0].SubjectName : NameOf(issuer) ?? throw new Declined("--issuer is neither a file nor a name such as CN=Authority,O=Institution,C=MA", Exit.Usage);
        return CertificateId.Of(name, number) ?? throw new Declined("This issuer's name has a part with several values: give --file or --fingerprint", Exit.Usage);
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
