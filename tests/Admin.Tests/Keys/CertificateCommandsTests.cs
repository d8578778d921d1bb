using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Admin.CommandLine;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Stores;
using Tokens.Transport;

namespace Admin.Tests.Keys;

/// <summary>Certificates on the list of stops: named in each way in which an operator may know one, lifted by two.</summary>
public sealed class CertificateCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _status,
        _file,
        _issuer;
    private readonly X509Certificate2 _root,
        _leaf;

    public CertificateCommandsTests()
    {
        _status = _folder.At("status.db");
        using (Open()) { }
        var request = new CertificateRequest(
            "C=MA, O=ANSS, CN=Partner CA",
            ECDsa.Create(ECCurve.NamedCurves.nistP256),
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        _leaf = new CertificateRequest("CN=client", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256).Create(
            _root,
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(8),
            [0, 0xAB, 0xCD, 0x01]
        );
        (_file, _issuer) = (_folder.Write("leaf.pem", _leaf.ExportCertificatePem()), _folder.Write("ca.pem", _root.ExportCertificatePem()));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
        _leaf.Dispose();
    }

    [Fact]
    public async Task Each_way_of_naming_a_certificate_stops_it_and_two_operators_lift_it()
    {
        var hex = _leaf.GetCertHashString(HashAlgorithmName.SHA256);
        var colons = string.Join(':', Enumerable.Range(0, 32).Select(at => hex.Substring(2 * at, 2)));
        foreach (
            var named in new string[][]
            {
                ["--file", _file],
                ["--fingerprint", PresentedCertificate.From(_leaf).X5tS256],
                ["--fingerprint", hex],
                ["--fingerprint", colons],
                ["--issuer", _issuer, "--serial", "ABCD01"],
                ["--issuer", "CN=Partner CA,O=ANSS,C=MA", "--serial", "ab:cd:01"],
                ["--issuer", "C = MA, O = ANSS, CN = Partner CA", "--serial", "0x00abcd01"],
            }
        )
        {
            (await Ctl.Run(["certificate", "deny", .. named, "--reason", "key-leak", "--by", "op-1", "--status-file", _status])).Ended(0);
            Assert.True(IsDenied(out var id), string.Join(' ', named));
            Assert.Contains(id, (await Ctl.Run("certificate", "list", "--status-file", _status)).Ended(0).Out, StringComparison.Ordinal);
            string[] lift = ["certificate", "lift", .. named, "--reason", "resolved", "--status-file", _status];
            var approvals = await Approvals(id);
            (await Ctl.Run([.. lift, .. approvals[..4]])).Ended(1);
            Assert.True(IsDenied(out _));
            (await Ctl.Run([.. lift, .. approvals])).Ended(0);
            Assert.False(IsDenied(out _));
            Assert.Contains("is not denied", (await Ctl.English([.. lift, .. approvals])).Ended(1).Error, StringComparison.Ordinal);
            // The general command takes the same ids.
            (await Ctl.Run("suspend", "certificate", id, "--reason", "key-leak", "--status-file", _status)).Ended(0);
            Assert.True(IsDenied(out _));
            (await Ctl.Run(["lift", "certificate", id, "--reason", "resolved", "--status-file", _status, .. approvals])).Ended(0);
        }
    }

    [Fact]
    public async Task What_could_never_match_a_certificate_is_refused()
    {
        foreach (
            var named in new string[][]
            {
                [],
                ["--fingerprint", "abc"],
                ["--serial", "01"],
                ["--issuer", _issuer],
                ["--issuer", _issuer, "--serial", "xyz"],
                ["--issuer", "no name", "--serial", "01"],
                ["--file", _file, "--fingerprint", "abc"],
            }
        )
            (await Ctl.Run(["certificate", "deny", .. named, "--reason", "key-leak", "--status-file", _status])).Ended(Exit.Usage);
        foreach (var id in new[] { "client", "CN=Partner CA#", "O=ANSS,C=MA#01", "#01" })
            (await Ctl.Run("suspend", "certificate", id, "--reason", "key-leak", "--status-file", _status)).Ended(Exit.Usage);
        using var status = Open();
        Assert.Empty(status.Current.Suspensions);
    }

    private ITokenStatus Open() => StatusStore.Open(new StoreSettings { File = _status }, TimeProvider.System);

    private bool IsDenied(out string id)
    {
        using var status = Open();
        var numbered = CertificateId.Of(_leaf.IssuerName, SerialNumber.Text(_leaf.SerialNumberBytes.Span))!;
        id = status.Current.Suspensions.SingleOrDefault()?.Id ?? "";
        return id == PresentedCertificate.From(_leaf).X5tS256 || id == numbered;
    }

    private async Task<string[]> Approvals(string id)
    {
        var lines = "";
        foreach (var name in new[] { "op-1", "op-2" })
        {
            if (!File.Exists(_folder.At(name + ".key")))
                lines += (string)(await Ctl.Run("operator", "new", name, "--out", _folder.Path, "--json")).Json["line"]! + "\n";
            (
                await Ctl.Run(
                    "approve",
                    "lift",
                    "certificate",
                    id,
                    "--operator",
                    name,
                    "--key",
                    _folder.At(name + ".key"),
                    "--out",
                    _folder.At(name + ".approval")
                )
            ).Ended(0);
        }
        if (lines.Length > 0)
            _folder.Write("operators", lines);
        return
        [
            "--operators",
            _folder.At("operators"),
            "--approval",
            _folder.At("op-1.approval"),
            "--approval",
            _folder.At("op-2.approval"),
        ];
    }
}
