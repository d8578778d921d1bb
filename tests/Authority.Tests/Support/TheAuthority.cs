using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Agreements.Loading;
using Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tokens.Jose;
using Tokens.Status;
using Tokens.Transport;

namespace Authority.Tests.Support;

/// <summary>
/// The authority in process: real sockets, real TLS, its own contracts, its own ledger. Or one that runs elsewhere, when the environment
/// names it (<see cref="EngineUnderTest"/>): then tests that look inside it are left out (trait <c>Needs=Inside</c>).
/// </summary>
public sealed class TheAuthority : IAsyncLifetime
{
    public const string Eligibility = "anss-eligibility";
    public const string Batch = "anss-batch";
    public const string Inclusion = "anss-inclusion";
    public const string Alone = "anss-alone";
    public const string Named = "anss-named";
    public const string Proving = "anss-proving";
    public const string Gateway = "https://gateway.test";
    public const string Console = "https://console.test";
    public const string ProblemPages = "https://gateway.test/problems";
    public const string Schooling = "education.school-enrolment.read";
    public const string SchoolingDetails = """[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"}]""";

    /// <summary>The engine behind the token endpoint: our own, or the one that the build names (src/Authority.Duende).</summary>
#if WITH_DUENDE
    private static TokenEngine? Engine { get; } = global::Authority.Duende.DuendeEngine.Create();
#else
    private static TokenEngine? Engine => null;
#endif

    private readonly string _state = Directory.CreateTempSubdirectory("authority-").FullName;
    private readonly ConcurrentBag<IDisposable> _owned = [];
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new(StringComparer.Ordinal);
    private readonly LogKey _logKey = LogKey.Create();
    private LedgerWriter? _ledger;
    private RegistryWatcher? _law;
    private WebApplication? _app;
    private readonly EngineUnderTest? _elsewhere = EngineUnderTest.Named();
    private AuthorityAddresses? _addresses;

    /// <summary>Changes options before the start.</summary>
    internal Action<AuthorityOptions>? Configure { get; init; }
    internal string State => _state;
    internal TownClock Clock { get; }
    internal TestPki Pki { get; }
    internal TempContracts Contracts { get; private set; } = null!;
    internal RegistryWatcher Law => _law!;
    internal RecordingLedger Ledger { get; private set; } = null!;
    internal AuthorityAddresses Addresses => _addresses ?? _app!.Services.GetRequiredService<AuthorityAddresses>();
    internal IServiceProvider Services =>
        _app?.Services ?? throw new InvalidOperationException("this test looks inside: it needs the trait Needs=Inside");
    public string Issuer => Addresses.Issuer;

    /// <summary>Token endpoint of the public address: what a proof names.</summary>
    internal string TokenEndpoint => _elsewhere?.Public["/connect/token"].AbsoluteUri ?? Issuer + "/connect/token";

    public TheAuthority() =>
        (Clock, Pki) = (
            new TownClock(wall: _elsewhere is not null),
            _elsewhere is null ? new TestPki("CN=Partners") : SuiteFolder.Pki(_elsewhere.Folder)
        );

    /// <summary>One that a single test has to itself, started; the caller ends it.</summary>
    internal static async Task<TheAuthority> Begin()
    {
        var authority = new TheAuthority();
        await authority.InitializeAsync();
        return authority;
    }

    public async ValueTask InitializeAsync()
    {
        Contracts = _elsewhere is null ? new TempContracts(ExtraClients(Certificate(Alone))) : SuiteFolder.Contracts(_elsewhere.Folder);
        if (_elsewhere is not null)
        {
            await Find(_elsewhere);
            return;
        }
        _law = RegistryWatcher.Start(Contracts.Folder, Clock, out var load);
        Assert.True(_law is not null, string.Join('\n', load.Errors));
        _ledger = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = Path.Combine(_state, "ledger"),
                Origin = "test.example/authority",
                SegmentBytes = 1 << 20,
            },
            _logKey,
            Clock
        );
        Ledger = new RecordingLedger(_ledger);
        await Start();
    }

    /// <summary>Starts, or starts again over the same state.</summary>
    public async Task Start()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = AuthorityHost.Build(Options(), Law, Ledger, Clock, engine: Engine);
        await _app.StartAsync();
    }

    /// <summary>Sets how far ahead the clocks are, and waits until the list of what was stopped has been looked at since.</summary>
    internal async Task Pass(TimeSpan ahead)
    {
        Clock.Ahead = ahead;
        var status = Services.GetRequiredService<ITokenStatus>();
        for (var look = 0; look < 600 && !status.IsFresh; look++)
            await Task.Delay(25);
        Assert.True(status.IsFresh, "nobody looked at the status list in fifteen seconds");
    }

    /// <summary>A second node over the same state and ring; the caller ends it.</summary>
    internal async Task<WebApplication> StartSecond()
    {
        var options = Options();
        options.Issuer = Issuer;
        var second = AuthorityHost.Build(options, Law, Ledger, Clock);
        await second.StartAsync();
        return second;
    }

    private async Task Find(EngineUnderTest engine)
    {
        var options = Options();
        (options.Issuer, options.MutualTlsBase) = (engine.Issuer, engine.Issuer);
        _addresses = new AuthorityAddresses(options);
        await engine.Discover(Http(certificate: null));
        options.MutualTlsBase = engine.MutualTls;
        _addresses = new AuthorityAddresses(options);
    }

    /// <summary>The published key set, as a resource server reads it.</summary>
    internal async Task<KeySet> PublicKeys() => KeySet.Parse(await Http(certificate: null).GetStringAsync("/.well-known/jwks.json"));

    /// <summary>Waits until the changed contracts are law.</summary>
    internal async Task Reloaded()
    {
        if (_elsewhere is not null)
        {
            Assert.True(RegistryLoader.Load(Contracts.Folder, Clock).Registry is not null);
            await Task.Delay(TimeSpan.FromSeconds(3)); // an engine follows its files within a second; it cannot be asked
            return;
        }
        var digest = RegistryLoader.Load(Contracts.Folder, Clock);
        Assert.True(digest.Registry is not null, string.Join('\n', digest.Errors));
        for (var i = 0; i < 1000 && Law.Current.Digest != digest.Registry.Digest; i++)
            await Task.Delay(10);
        Assert.Equal(digest.Registry.Digest, Law.Current.Digest);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _owned)
            one.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        if (_ledger is not null)
            await _ledger.DisposeAsync();
        if (_law is not null)
            await _law.DisposeAsync();
        _logKey.Dispose();
        Contracts.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    /// <summary>Certificate of a client; the same one every time.</summary>
    internal X509Certificate2 Certificate(string client) => _certificates.GetOrAdd(client, name => name switch
            {
                Alone => _elsewhere is null ? TestPki.SelfSigned() : SuiteFolder.Certificate(_elsewhere.Folder, Alone),
                Named => Pki.Leaf(name: "CN=named system, O=ANSS, C=MA"),
                _ => Pki.Leaf(names: names => names.AddUri(new Uri($"urn:anss:client:{name}"))),
            });

    /// <summary>A client of the mutual-TLS listener with this certificate, or of the public one with none.</summary>
    internal HttpClient Http(X509Certificate2? certificate, Version? version = null)
    {
        var tls = new OutgoingTls
        {
            ConnectTimeout = TimeSpan.FromSeconds(30), // a loaded test machine is no reason to fail
            Trust = [Pki.Root],
            Client = certificate is null
                ? null
                : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            ListedNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")],
        };
        var endpoints = certificate is null ? _elsewhere?.Public : _elsewhere?.Mutual;
        var client = new HttpClient(endpoints is null ? tls.Handler() : new EndpointMap(tls.Handler(), endpoints))
        {
            BaseAddress = new Uri(certificate is null ? Addresses.Issuer : Addresses.MutualTls),
            DefaultRequestVersion = version ?? HttpVersion.Version11,
        };
        _owned.Add(client);
        return client;
    }

    internal HttpClient HttpOf(string client) => Http(Certificate(client));

    /// <summary>An assertion; <paramref name="claims"/> and <paramref name="header"/> change what they need to.</summary>
    internal string Assertion(
        string client = Eligibility,
        Action<JsonObject>? claims = null,
        Action<JsonObject>? header = null,
        AsymmetricAlgorithm? key = null
    )
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["iss"] = client,
            ["sub"] = client,
            ["aud"] = Issuer,
            ["iat"] = now,
            ["exp"] = now + 60,
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
        };
        claims?.Invoke(payload);
        var head = new JsonObject { ["alg"] = key is RSA ? "PS256" : "ES256", ["typ"] = "JWT" };
        header?.Invoke(head);
        return Jws.Make(head.ToJsonString(), payload.ToJsonString(), key ?? Contracts.Key(client));
    }

    /// <summary>Parameters of a sound token request; null removes one.</summary>
    internal Dictionary<string, string> Form(string assertion, params (string Name, string? Value)[] changes)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = assertion,
            ["authorization_details"] = SchoolingDetails,
            ["scope"] = Schooling,
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
                form.Remove(name);
            else
                form[name] = value;
        }
        return form;
    }

    /// <summary>Asks for a token over mutual TLS as the eligibility system.</summary>
    internal Task<TokenAnswer> Ask(Dictionary<string, string> form, HttpClient? http = null) =>
        TokenAnswer.Post(http ?? HttpOf(Eligibility), "/connect/token", form);

    /// <summary>Asks why the request with this id was refused.</summary>
    internal Task<TokenAnswer> Explain(string id, string client)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["request_id"] = id,
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = Assertion(client),
        };
        return TokenAnswer.Post(HttpOf(client), "/connect/explain", form);
    }

    /// <summary>The one sealed record with this id. A refusal that was counted has it when its second is over: this waits.</summary>
    internal async Task<JsonNode> RecordOf(string id)
    {
        JsonNode[] Found() => [.. Ledger.Records.Where(record => (string?)record["id"] == id)];
        for (var look = 0; look < 500 && Found().Length == 0; look++)
            await Task.Delay(20);
        return Assert.Single(Found());
    }

    private AuthorityOptions Options()
    {
        var options = Usual();
        Configure?.Invoke(options);
        return options;
    }

    private AuthorityOptions Usual() =>
        new()
        {
            Public = new(IPAddress.Loopback, 0),
            MutualTls = new(IPAddress.Loopback, 0),
            Operations = new(IPAddress.Loopback, 0),
            ServerCertificate = Pki.Server(),
            Authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["anss-partners"] = [Pki.Root] },
            StateDirectory = Path.Combine(_state, "authority"),
            KeyPassphrase = "for this test only",
            Resources = [new ResourceOptions(Gateway, ["anss-batch"]), new ResourceOptions(Console, [])],
            FailuresPerMinute = 1_000_000,
            Caps =
            {
                Open = 4096,
                OpenPerAddress = 4096,
                NewPerSecond = 100_000,
                Burst = 100_000,
                Handshakes = 4096,
            },
            ProblemPages = ProblemPages,
        };

    internal static string ExtraClients(X509Certificate2 alone) =>
        $$"""
              - id: {{Alone}}
                names: { fr: "Seul", ar: "وحيد", en: "Alone" }
                status: active
                auth: self_signed_tls_client_auth
                binding: mtls
                certificate: { x5tS256: "{{PresentedCertificate.From(alone).X5tS256}}" }
              - id: {{Named}}
                names: { fr: "Nommé", ar: "مسمى", en: "Named" }
                status: active
                auth: tls_client_auth
                binding: mtls
                certificate: { authority: anss-partners, subjectDn: "CN=named system,O=ANSS,C=MA" }
              - id: {{Proving}}
                names: { fr: "Preuve", ar: "إثبات", en: "Proving" }
                status: active
                auth: private_key_jwt
                binding: dpop
                jwks: { file: {{Proving}}.jwks.json }

            """.ReplaceLineEndings("\n").Replace("\n          - id", "\n  - id", StringComparison.Ordinal);
}
