using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sandbox;
using Sandbox.Pki;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.Tests.Registration;

/// <summary>A partner's life with the real servers: first key, first call, rotation, refusals explained, suspension.</summary>
[Collection(nameof(TheTown))]
public sealed class OnboardingTests(TheTown the) : IDisposable
{
    private readonly TemporaryFolder _partner = new();

    private Town Town => the.Town;

    /// <summary>The registrations of the agency as they stand.</summary>
    private string Agency => File.ReadAllText(Path.Combine(the.Contracts, "institutions", "anss.yaml"));

    private string Fragment(string client) => File.ReadAllText(_partner.At(client + ".client.yaml"));

    public void Dispose() => _partner.Dispose();

    /// <summary>What the partners' certificate authority does with a request.</summary>
    private string Signed(string client)
    {
        var request = CertificateRequest.LoadSigningRequestPem(
            File.ReadAllText(_partner.At(client + ".csr.pem")),
            HashAlgorithmName.SHA256,
            CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions
        );
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(
            Town.Pki[DevelopmentPki.Partners].Certificate,
            now.AddHours(-1),
            now.AddDays(30),
            RandomNumberGenerator.GetBytes(16)
        );
        return _partner.Write(client + ".tls.pem", certificate.ExportCertificatePem());
    }

    private string[] Online(string client, string key, params string[] more) =>
        [
            "client",
            "check",
            "--issuer",
            Town.File.Issuer,
            "--ca",
            the.Ca,
            "--client",
            client,
            "--key",
            key,
            "--json",
            "--certificate",
            _partner.At(client + ".tls.pem"),
            "--certificate-key",
            _partner.At(client + ".tls.key"),
            "--scope",
            "employment.job-seeker-status.read",
            .. more,
        ];

    private async Task<string> Register(string client)
    {
        (await Ctl.Run("client", "new", client, "--out", _partner.Path, "--name-fr", "Nouveau")).Ended(0);
        (
            await Ctl.Run(
                "client",
                "add",
                "--institution",
                "anss",
                "--fragment",
                _partner.At(client + ".client.yaml"),
                "--jwks",
                _partner.At(client + ".jwks.json"),
                "--certificate",
                Signed(client),
                "--contracts",
                the.Contracts
            )
        ).Ended(0);
        return _partner.At(client + ".key");
    }

    [Fact]
    public async Task A_newcomer_makes_keys_is_registered_and_calls_and_no_private_key_is_ever_shown()
    {
        const string client = "anss-newcomer";
        var made = (await Ctl.Run("client", "new", client, "--out", _partner.Path, "--name-ar", "جديد")).Ended(0);
        Assert.DoesNotContain("PRIVATE KEY", made.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\"d\"", made.Out, StringComparison.Ordinal);
        foreach (var name in new[] { $"{client}.key", $"{client}.tls.key" })
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_partner.At(name)));
        (await Ctl.Run("client", "new", client, "--out", _partner.Path)).Ended(2); // nothing is overwritten
        var before = Agency;
        (
            await Ctl.Run(
                "client",
                "add",
                "--institution",
                "anss",
                "--fragment",
                _partner.At(client + ".client.yaml"),
                "--jwks",
                _partner.At(client + ".jwks.json"),
                "--certificate",
                Signed(client),
                "--contracts",
                the.Contracts
            )
        ).Ended(0);
        var after = Agency;
        Assert.All(before.Split('\n'), line => Assert.Contains(line, after, StringComparison.Ordinal));
        var outcome = await TheTown.Until(0, Online(client, _partner.At(client + ".key")));
        Assert.Equal((client, "anss"), ((string)outcome.Json["result"]!["client"]!, (string)outcome.Json["result"]!["institution"]!));
        var shown = (await Ctl.Run("client", "show", client, "--contracts", the.Contracts, "--json")).Ended(0);
        Assert.Contains("ANSS-ANAPEC", string.Join(' ', shown.Json["rights"]!.AsArray()), StringComparison.Ordinal);
        Assert.Contains(
            "is registered already",
            (
                await Ctl.English(
                    "client",
                    "add",
                    "--institution",
                    "anss",
                    "--fragment",
                    _partner.At(client + ".client.yaml"),
                    "--jwks",
                    _partner.At(client + ".jwks.json"),
                    "--contracts",
                    the.Contracts
                )
            )
                .Ended(1)
                .Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_rotation_lets_both_keys_sign_and_then_the_new_one_alone()
    {
        const string client = "anss-turning";
        var first = await Register(client);
        await TheTown.Until(0, Online(client, first));
        var made = (await Ctl.Run("client", "rotate-key", client, "--new", "--out", _partner.Path, "--json")).Ended(0);
        var jwks = (string)made.Json["files"]![0]!;
        var second = jwks.Replace(".jwks.json", ".key", StringComparison.Ordinal);
        (await Ctl.Run("client", "rotate-key", client, "--jwks", jwks, "--contracts", the.Contracts)).Ended(0);
        await TheTown.Until(0, Online(client, second));
        (await Ctl.Run(Online(client, first))).Ended(0);
        var third = (string)(await Ctl.Run("client", "rotate-key", client, "--new", "--out", _partner.Path, "--json")).Json["files"]![0]!;
        Assert.Contains(
            "more than two keys",
            (await Ctl.English("client", "rotate-key", client, "--jwks", third, "--contracts", the.Contracts)).Ended(1).Error,
            StringComparison.Ordinal
        );
        (await Ctl.Run("client", "rotate-key", client, "--finish", "--contracts", the.Contracts)).Ended(0);
        await TheTown.Until(1, Online(client, first));
        (await Ctl.Run(Online(client, second))).Ended(0);
        (await Ctl.Run("client", "rotate-key", client, "--finish", "--contracts", the.Contracts)).Ended(1);
    }

    [Fact]
    public async Task A_newcomer_without_certificate_gets_a_token_bound_to_its_key_and_calls_with_proofs()
    {
        const string client = "anss-proving";
        (await Ctl.Run("client", "new", client, "--out", _partner.Path, "--binding", "dpop")).Ended(0);
        Assert.False(File.Exists(_partner.At(client + ".csr.pem")));
        (
            await Ctl.Run(
                "client",
                "add",
                "--institution",
                "anss",
                "--fragment",
                _partner.At(client + ".client.yaml"),
                "--jwks",
                _partner.At(client + ".jwks.json"),
                "--contracts",
                the.Contracts
            )
        ).Ended(0);
        string[] check =
        [
            "client",
            "check",
            "--issuer",
            Town.File.Issuer,
            "--ca",
            the.Ca,
            "--client",
            client,
            "--key",
            _partner.At(client + ".key"),
            "--scope",
            "employment.job-seeker-status.read",
            "--gateway",
            Town.File.GatewayDpop!,
        ];
        var outcome = await TheTown.Until(0, check);
        Assert.Contains("2. Jeton\u00A0: DPoP", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_among_a_partner_s_files_is_refused_in_words_and_nothing_is_written()
    {
        const string client = "anss-careless";
        (await Ctl.Run("client", "new", client, "--out", _partner.Path)).Ended(0);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = key.ExportParameters(includePrivateParameters: true);
        string Text(byte[]? bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
        var jwk = _partner.Write(
            "private.json",
            $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{Text(secret.Q.X)}}","y":"{{Text(secret.Q.Y)}}","d":"{{Text(secret.D)}}"}]}"""
        );
        var before = Agency;
        foreach (var file in new[] { jwk, _partner.At(client + ".key") })
        {
            var refused = (
                await Ctl.Run(
                    "client",
                    "add",
                    "--institution",
                    "anss",
                    "--fragment",
                    _partner.At(client + ".client.yaml"),
                    "--jwks",
                    file,
                    "--contracts",
                    the.Contracts,
                    "--json"
                )
            ).Ended(1);
            Assert.Equal(["private-member"], refused.Codes);
            Assert.DoesNotContain(Text(secret.D), refused.Out + refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal(before, Agency);
        Assert.False(File.Exists(Path.Combine(the.Contracts, "institutions", client + ".jwks.json")));
        var stranger = _partner.Write(
            "stranger.yaml",
            Fragment(client).Replace("anss-careless\n", "menps-careless\n", StringComparison.Ordinal)
        );
        Assert.Contains(
            "begin with its institution's id",
            (
                await Ctl.English(
                    "client",
                    "add",
                    "--institution",
                    "anss",
                    "--fragment",
                    stranger,
                    "--jwks",
                    _partner.At(client + ".jwks.json"),
                    "--contracts",
                    the.Contracts
                )
            )
                .Ended(1)
                .Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_client_suspended_in_its_file_or_on_the_list_learns_so_and_is_let_on_by_two()
    {
        const string client = "anss-stopped";
        var key = await Register(client);
        await TheTown.Until(0, Online(client, key));
        (await Ctl.Run("client", "suspend", client, "--contracts", the.Contracts)).Ended(0);
        Assert.Equal(["client-suspended"], (await TheTown.Until(1, Online(client, key))).Codes);
        (await Ctl.Run("client", "resume", client, "--contracts", the.Contracts)).Ended(0);
        await TheTown.Until(0, Online(client, key));
        var status = Town.State.At("status.db");
        (await Ctl.Run("suspend", "client", client, "--reason", "key-leak", "--status-file", status)).Ended(0);
        Assert.Equal(["client-suspended"], (await TheTown.Until(1, Online(client, key))).Codes);
        using (var list = StatusStore.Open(new StoreSettings { File = status }, TimeProvider.System))
            await list.Lift(StoppedKind.Client, client);
        await TheTown.Until(0, Online(client, key));
    }
}
