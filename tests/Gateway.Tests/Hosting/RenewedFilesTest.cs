using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Authority;
using Sandbox;
using Sandbox.Persons;
using Sandbox.Pki;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>
/// Certificates, sets of authorities and secrets are renewed under running programs, as a container engine does it: a folder behind a
/// link is swapped for
/// another. Over real TLS, at the gateway and at the authority.
/// </summary>
[Trait("Tier", "Whole")]
public sealed partial class RenewedFilesTest : IAsyncLifetime
{
    private const string Operation = "education.school-enrolment.read";
    private readonly StateFolder _state = new(Path.Combine(Path.GetTempPath(), "renewed-" + Path.GetRandomFileName()));
    private Volume _volume = null!;
    private Town _town = null!;

    public async ValueTask InitializeAsync()
    {
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 10,
                State = _state.Root,
                Witnesses = 0,
                Index = false,
                ConfigureGateway = gateway =>
                {
                    _volume = Volume.With(
                        _state.At("volume"),
                        new()
                        {
                            ["server.crt"] = gateway.ServerCertificate,
                            ["server.key"] = gateway.ServerKey,
                            ["client.crt"] = gateway.ClientCertificate,
                            ["client.key"] = gateway.ClientKey,
                            ["partners.pem"] = gateway.ClientAuthorities[DevelopmentPki.Partners],
                            ["providers.pem"] = gateway.ProviderAuthorities[DevelopmentPki.Providers],
                            ["servers.pem"] = gateway.IssuerTrust,
                            ["assertion.key"] = gateway.AssertionKey,
                        }
                    );
                    (gateway.ServerCertificate, gateway.ServerKey) = (_volume["server.crt"], _volume["server.key"]);
                    (gateway.ClientCertificate, gateway.ClientKey) = (_volume["client.crt"], _volume["client.key"]);
                    gateway.ClientAuthorities[DevelopmentPki.Partners] = _volume["partners.pem"];
                    gateway.ProviderAuthorities[DevelopmentPki.Providers] = _volume["providers.pem"];
                    (gateway.IssuerTrust, gateway.AssertionKey) = (_volume["servers.pem"], _volume["assertion.key"]);
                },
                ConfigureAuthority = authority =>
                {
                    // Its own volume: the two programs are configured side by side.
                    var files = authority.Files!;
                    var volume = Volume.With(
                        _state.At("volume-a"),
                        new()
                        {
                            ["server.crt"] = files.ServerCertificate,
                            ["server.key"] = files.ServerKey,
                            ["partners.pem"] = files.Authorities[DevelopmentPki.Partners],
                            ["passphrase"] = files.KeyPassphrase,
                        }
                    );
                    authority.Files = new AuthorityFileNames(
                        volume["server.crt"],
                        volume["server.key"],
                        new Dictionary<string, string>(StringComparer.Ordinal) { [DevelopmentPki.Partners] = volume["partners.pem"] },
                        volume["passphrase"]
                    );
                },
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_town is not null)
            await _town.DisposeAsync();
        Directory.Delete(_state.Root, recursive: true);
    }

    [Fact]
    public async Task A_renewed_server_certificate_is_shown_to_the_next_handshake_and_drops_no_connection()
    {
        foreach (
            var (port, volume) in new[]
            {
                (_town.Ports.Gateway, _volume),
                (_town.Ports.GatewayDpop, _volume),
                (_town.Ports.Diagnose, _volume),
                (_town.Ports.Issuer, Of("volume-a")),
                (_town.Ports.Token, Of("volume-a")),
            }
        )
        {
            var before = await ShownAsync(port);
            await using var open = await ConnectAsync(port);
            using var next = _town
                .Pki[DevelopmentPki.Servers]
                .Issue(
                    new CertificateProfile
                    {
                        Name = $"next-{port}",
                        Use = CertificateUse.Server,
                        Hosts = CertificateProfile.Loopback,
                    }
                );
            volume.Swap(("server.crt", next.ExportCertificatePem()), ("server.key", Key(next)));
            await UntilAsync(async () => await ShownAsync(port) == Name(next));
            Assert.NotEqual(before, Name(next));
            await open.WriteAsync(
                Encoding.ASCII.GetBytes("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                TestContext.Current.CancellationToken
            );
            Assert.True(await open.ReadAsync(new byte[64], TestContext.Current.CancellationToken) > 0);
        }
    }

    [Fact]
    public async Task Half_a_renewal_keeps_the_old_certificate_and_shows_in_metrics_and_readiness()
    {
        var before = await ShownAsync(_town.Ports.Gateway);
        using var next = _town
            .Pki[DevelopmentPki.Servers]
            .Issue(
                new CertificateProfile
                {
                    Name = "half",
                    Use = CertificateUse.Server,
                    Hosts = CertificateProfile.Loopback,
                }
            );
        _volume.Swap(("server.crt", next.ExportCertificatePem()));
        await UntilAsync(async () =>
            (await PageAsync("/metrics")).Contains("files_refused{setting=\"ServerCertificate\"} 1", StringComparison.Ordinal)
        );
        Assert.Equal(before, await ShownAsync(_town.Ports.Gateway));
        Assert.Contains("ServerCertificate: certificate ", await PageAsync("/health/ready"), StringComparison.Ordinal);
        _volume.Swap(("server.key", Key(next)));
        await UntilAsync(async () => await ShownAsync(_town.Ports.Gateway) == Name(next));
        var metrics = await PageAsync("/metrics");
        Assert.Contains("files_refused{setting=\"ServerCertificate\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("files_reread_total{setting=\"ServerCertificate\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_does_not_take_the_place_of_one_that_has_not()
    {
        var before = await ShownAsync(_town.Ports.Gateway);
        using var ended = _town
            .Pki[DevelopmentPki.Servers]
            .Issue(
                new CertificateProfile
                {
                    Name = "ended",
                    Use = CertificateUse.Server,
                    Hosts = CertificateProfile.Loopback,
                    Life = TimeSpan.FromMinutes(1),
                }
            );
        _volume.Swap(("server.crt", ended.ExportCertificatePem()), ("server.key", Key(ended)));
        await UntilAsync(async () =>
            (await PageAsync("/health/ready")).Contains("ServerCertificate: the certificate has ended", StringComparison.Ordinal)
        );
        Assert.Equal(before, await ShownAsync(_town.Ports.Gateway));
    }

    [Fact]
    public async Task A_partners_authority_comes_and_goes_with_the_file_of_its_set()
    {
        using var stranger = _town.Wrong.OfAnotherAuthority("anss-eligibility");
        using var other = DevelopmentAuthority.Create("Sandbox second", TimeProvider.System);
        using var second = other.Issue(
            new CertificateProfile
            {
                Name = "anss-eligibility",
                Use = CertificateUse.Client,
                Uri = "urn:anss:client:anss-eligibility",
            }
        );
        var old = await File.ReadAllTextAsync(_volume["partners.pem"], TestContext.Current.CancellationToken);
        foreach (var (port, volume) in new[] { (_town.Ports.Gateway, _volume), (_town.Ports.Token, Of("volume-a")) })
        {
            Assert.False(await IsTakenAsync(port, second));
            volume.Swap(("partners.pem", old + other.Certificate.ExportCertificatePem() + "\n"));
            await UntilAsync(() => IsTakenAsync(port, second));
            Assert.False(await IsTakenAsync(port, stranger));
            volume.Swap(("partners.pem", old));
            await UntilAsync(async () => !await IsTakenAsync(port, second));
        }
    }

    [Fact]
    public async Task What_providers_are_shown_and_whom_they_must_be_are_renewed()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        var (certificate, key) = (
            await File.ReadAllTextAsync(_volume["client.crt"], TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(_volume["client.key"], TestContext.Current.CancellationToken)
        );
        using var stranger = DevelopmentAuthority.Create("Sandbox stranger", TimeProvider.System);
        using var wrong = stranger.Issue(
            new CertificateProfile
            {
                Name = "gateway-client",
                Use = CertificateUse.Client,
                Uri = DevelopmentPki.GatewayUri,
            }
        );
        _volume.Swap(("client.crt", wrong.ExportCertificatePem()), ("client.key", Key(wrong)));
        await UntilAsync(async () => await AskAsync() != HttpStatusCode.OK);
        _volume.Swap(("client.crt", certificate), ("client.key", key));
        await UntilAsync(async () => await AskAsync() == HttpStatusCode.OK);

        var roots = await File.ReadAllTextAsync(_volume["providers.pem"], TestContext.Current.CancellationToken);
        _volume.Swap(("providers.pem", stranger.Certificate.ExportCertificatePem()));
        await UntilAsync(async () => await AskAsync() != HttpStatusCode.OK);
        _volume.Swap(("providers.pem", roots));
        await UntilAsync(async () => await AskAsync() == HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_key_of_the_word_to_providers_is_renewed()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        var old = await File.ReadAllTextAsync(_volume["assertion.key"], TestContext.Current.CancellationToken);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _volume.Swap(("assertion.key", other.ExportPkcs8PrivateKeyPem()));
        await UntilAsync(async () => await AskAsync() != HttpStatusCode.OK); // the provider knows the old one
        _volume.Swap(("assertion.key", old));
        await UntilAsync(async () => await AskAsync() == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_passphrase_that_does_not_open_the_ring_is_not_taken()
    {
        Of("volume-a").Swap(("passphrase", "another"));
        await UntilAsync(async () =>
            (await PageAsync("/health/ready", _town.Ports.AuthorityOperations)).Contains(
                "KeyPassphraseFile: it does not open the key ring",
                StringComparison.Ordinal
            )
        );
        Assert.NotEmpty(await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING", scopes: Operation));
    }

    private Volume Of(string name) => new(_state.At(name));

    private async Task<HttpStatusCode> AskAsync()
    {
        var partner = _town.As("anss-eligibility", "ASD_SCHOOLING");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_town.File.Gateway + "/education/v1/school-enrolments/query"));
        request.Headers.Authorization = new("Bearer", await partner.Token(Operation));
        request.Content = new StringContent(
            JsonSerializer.Serialize(
                new { subject = new { scheme = "idcs", value = Fixtures.PlainChild }, schoolYear = _town.File.SchoolYear }
            ),
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await partner.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<string> PageAsync(string path, int? port = null)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://localhost:{port ?? _town.Ports.Metrics}{path}"));
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<string> ShownAsync(int port)
    {
        await using var stream = await ConnectAsync(port);
        return stream.RemoteCertificate!.Subject + stream.RemoteCertificate.GetSerialNumberString();
    }

    private async Task<SslStream> ConnectAsync(int port, X509Certificate2? certificate = null)
    {
        var right = _town.File.Clients.First(static one => one.Id == "anss-eligibility");
        using var mine = X509Certificate2.CreateFromPemFile(right.Certificate, right.CertificateKey);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificateContext = SslStreamCertificateContext.Create(
                    certificate ?? mine,
                    additionalCertificates: null,
                    offline: true
                ),
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            }
        );
        return stream;
    }

    // With TLS 1.3 a refusal comes after the client's part of the handshake: the first bytes tell.
    private async Task<bool> IsTakenAsync(int port, X509Certificate2 certificate)
    {
        try
        {
            await using var stream = await ConnectAsync(port, certificate);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            return await stream.ReadAsync(new byte[64]) > 0;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    private static string Name(X509Certificate2 certificate) => certificate.Subject + certificate.GetSerialNumberString();

    private static string Key(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    /// <summary>A folder of secrets as container engines mount it: each file a link through <c>..data</c>, which is swapped as a
    /// whole.</summary>
    private sealed partial class Volume(string root)
    {
        public string this[string name] => Path.Combine(root, name);

        public static Volume With(string root, Dictionary<string, string> files)
        {
            var first = Directory.CreateDirectory(Path.Combine(root, "..0")).FullName;
            foreach (var (name, source) in files)
                File.Copy(source, Path.Combine(first, name));
            Directory.CreateSymbolicLink(Path.Combine(root, "..data"), "..0");
            foreach (var name in files.Keys)
                File.CreateSymbolicLink(Path.Combine(root, name), "..data/" + name);
            return new Volume(root);
        }

        public void Swap(params (string Name, string Text)[] changes)
        {
            var (now, next) = (Path.Combine(root, "..data"), ".." + Path.GetRandomFileName());
            var folder = Directory.CreateDirectory(Path.Combine(root, next)).FullName;
            foreach (var file in Directory.EnumerateFiles(now))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            foreach (var (name, text) in changes)
                File.WriteAllText(Path.Combine(folder, name), text);
            Directory.CreateSymbolicLink(Path.Combine(root, "..tmp"), next);
            // As an orchestrator does it: one rename, which puts the new link in the place of the old one.
            if (rename(Path.Combine(root, "..tmp"), now) != 0)
                throw new IOException("the link cannot be renamed");
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial int rename(string from, string to);
    }
}
