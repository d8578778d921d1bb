using System.Diagnostics;
using Agreements.Loading;
using Authority.Keys;
using Ledger;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tokens.Operations;
using Tokens.Possession;
using Tokens.Renewal;
using Tokens.Replay;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// Builds the authority: three listeners, the token endpoint and its documents. Started by <c>Program.cs</c>, by the sandbox and by tests.
/// </summary>
public static class AuthorityHost
{
    internal const string MutualTlsListener = "MutualTls";
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30);

    /// <summary>Builds a host that has not started. <see cref="AuthorityAddresses"/> among its services tells where it listens.</summary>
    /// <param name="options">Options.</param>
    /// <param name="registry">Registrations and agreements; owned by the caller.</param>
    /// <param name="ledger">Where grants and refusals are sealed; null seals nothing, which only tests may want.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logging">Adds providers; none stand otherwise.</param>
    /// <param name="engine">Another engine behind the token endpoint; null for our own.</param>
    public static WebApplication Build(
        AuthorityOptions options,
        RegistryWatcher registry,
        ILedger? ledger,
        TimeProvider time,
        Action<ILoggingBuilder>? logging = null,
        TokenEngine? engine = null
    )
    {
        MinimumRuntime.Check();
        var addresses = new AuthorityAddresses(options);
        var clients = new CurrentClients(() => registry.Current);
        Refusals? refusals = null;
        void Count(TlsRejection reason) => refusals?.CountOnly("tls-" + Words.Kebab(reason.ToString()));
        var watch = new WatchedFiles();
        var files = new AuthorityFiles(options, watch, time);
        var mutual = new TlsListener(MutualTlsListener, ClientCertificates.Required, Snapshot(files, clients.Now), time)
        {
            OnRejected = Count,
        };
        var open = new TlsListener("Public", ClientCertificates.None, new TlsSnapshot(files.Server.Current, clients: null), time)
        {
            OnRejected = Count,
        };
        // The folder of the program, not the current one: the host watches it for changed settings, and every record and reservation would
        // be one.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        logging?.Invoke(builder.Logging);
        // Start and end of every request, which nobody reads and which would make an activity and a scope for each; faults are logged
        // elsewhere.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.AddSingleton<DistributedContextPropagator>(new NoForeignTrace());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(static sockets =>
        {
            KestrelLimits.Apply(sockets);
            // A request is never blocked on (it awaits the stores), so it may run where its bytes were received: three hops between queues
            // fewer.
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.Services.AddLeaving(options.StopGrace, Drain);
        builder.Services.AddSingleton(files).AddSingleton(_ => watch).AddHostedService(_ => watch);
        AddRooms(builder.Services, options, registry, ledger, time, addresses, clients);
        engine?.AddTo(builder.Services);
        Listen(builder.WebHost, options, addresses, mutual, open, time);
        var app = builder.Build();
        refusals = app.Services.GetRequiredService<Refusals>();
        watch.Log = app.Services.GetRequiredService<ILogger<WatchedFiles>>();
        var gate = new Lock();
        void Renew()
        {
            // One at a time: of two changes that come together, the later has seen both.
            lock (gate)
                (mutual.Current, open.Current) = (Snapshot(files, clients.Now), new TlsSnapshot(files.Server.Current, clients: null));
        }

        FollowRegistry(app, registry, Renew);
        files.Server.Changed += (_, _) => Renew();
        files.Roots.Changed += (_, _) => Renew();
        return Map(app, registry, ledger, engine);
    }

    /// <summary>Self-signed certificates are trusted in the handshake, so a changed registration is a new TLS snapshot.</summary>
    private static void FollowRegistry(WebApplication app, RegistryWatcher registry, Action swap)
    {
        void OnChanged(object? sender, RegistryChanged change)
        {
            if (change.Activated)
                swap();
        }
        registry.Changed += OnChanged;
        app.Lifetime.ApplicationStopped.Register(() => registry.Changed -= OnChanged);
    }

    private static void AddRooms(
        IServiceCollection services,
        AuthorityOptions options,
        RegistryWatcher registry,
        ILedger? ledger,
        TimeProvider time,
        AuthorityAddresses addresses,
        CurrentClients clients
    )
    {
        Directory.CreateDirectory(options.StateDirectory);
        services.AddSingleton(addresses);
        services.AddSingleton(provider =>
        {
            var files = provider.GetRequiredService<AuthorityFiles>();
            var ring = KeyRing.Open(KeyRing.FolderIn(options.StateDirectory), files.Passphrase.Current, options.Keys, time);
            files.IsPassphrase = ring.WhyNot;
            files.Passphrase.Changed += (_, _) => ring.Renew(files.Passphrase.Current);
            return ring;
        });
        services.AddSingleton(provider =>
            ReplayStore.Open((options.Replay ?? new()).Or(Path.Combine(options.StateDirectory, "replay.db")), time, LogOf(provider))
        );
        services.AddSingleton(provider =>
            StatusStore.Open((options.Status ?? new()).Or(Path.Combine(options.StateDirectory, "status.db")), time, LogOf(provider))
        );
        services.AddSingleton(provider => new KeyRecords(
            provider.GetRequiredService<KeyRing>(),
            ledger,
            provider.GetRequiredService<ITokenStatus>(),
            Path.Combine(options.StateDirectory, "key-records.json"),
            options.Keys,
            time,
            provider.GetRequiredService<BackgroundWork>().Report
        ));
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton(_ => new LawGauges(registry, "Authority", time));
        services.AddSingleton(provider => Follow(registry, LogOf(provider)));
        services.AddSingleton(new Explanations(time));
        services.AddSingleton(provider => new Refusals(
            ledger,
            provider.GetRequiredService<Explanations>(),
            LogOf(provider),
            options.ProblemPages,
            provider.GetRequiredService<BackgroundWork>(),
            time
        ));
        services.AddSingleton(new RequestBudget(options.FailuresPerMinute, time));
        services.AddSingleton(provider =>
        {
            var file = Path.Combine(options.StateDirectory, "revocation-book.json");
            var book = RevocationBook.Open(AtomicFile.Read(file), text => AtomicFile.Replace(file, text));
            var background = provider.GetRequiredService<BackgroundWork>();
            var roots = provider.GetRequiredService<AuthorityFiles>().Roots;
            var lists = RevocationLists.Open(
                options.Revocation,
                roots.Current,
                time,
                LogOf(provider),
                background.Report,
                book,
                provider.GetRequiredService<WatchedFiles>()
            );
            roots.Changed += (_, set) => lists.Renew(set.Name, roots.Of(set.Name)!);
            return lists;
        });
        services.AddSingleton<CertificateStops>();
        services.AddSingleton<TokensOfCertificates>();
        services.AddSingleton(provider => new ClientAuthenticator(
            () => addresses.Issuer,
            clients,
            provider.GetRequiredService<IReplayGuard>(),
            provider.GetRequiredService<RequestBudget>(),
            provider.GetRequiredService<ITokenStatus>(),
            provider.GetRequiredService<CertificateStops>(),
            time
        ));
        services.AddSingleton(provider => new DpopProofs(
            provider.GetRequiredService<IReplayGuard>(),
            new DpopNonces(provider.GetRequiredService<KeyRing>().SharedSecret, options.Issuer ?? "authority", time),
            time
        ));
        services.AddSingleton(provider => new Possession(addresses, provider.GetRequiredService<DpopProofs>()));
        services.AddSingleton(provider =>
        {
            var status = provider.GetRequiredService<ITokenStatus>();
            return new GrantPolicy([.. options.Resources.Select(static resource => resource.Id)], () => status.Current, time);
        });
        services.AddSingleton<Issuance>();
        services.AddSingleton(new Metadata(addresses, options, () => registry.Current));
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(provider => new ClockWatch(
            "Authority",
            time,
            offset => LedgerSeat.SealOnce(ledger, ClockRecord.Of(time, offset)),
            LogOf(provider)
        ));
        services.AddSingleton<ClientEndpoint>();
        services.AddSingleton<IssuedTokens>();
        services.AddSingleton<Introspection>();
        services.AddSingleton<Revocation>();
        services.AddSingleton<Explanation>();
        services.AddSingleton<Endpoints>();
        services.AddSingleton(static _ => new PrometheusPage(static meter =>
            meter is "Authority"
            || meter.StartsWith("Tokens.", StringComparison.Ordinal)
            || meter.StartsWith("Ledger", StringComparison.Ordinal)
            || meter == "Microsoft.AspNetCore.Server.Kestrel"
        ));
    }

    private static LawNotices Follow(RegistryWatcher registry, ILogger log) => new(registry, notice => log.Log(
                notice.Weight switch
                {
                    LawWeight.Error => LogLevel.Error,
                    LawWeight.Warning => LogLevel.Warning,
                    _ => LogLevel.Information,
                },
                "{Notice}",
                notice.Text
            ));

    private static ILogger LogOf(IServiceProvider provider) => provider.GetRequiredService<ILoggerFactory>().CreateLogger("Authority");

    private static void Listen(
        IWebHostBuilder host,
        AuthorityOptions options,
        AuthorityAddresses addresses,
        TlsListener mutual,
        TlsListener open,
        TimeProvider time
    )
    {
        var caps = new ConnectionCaps(options.Caps, time);
        host.ConfigureKestrel(kestrel =>
        {
            KestrelLimits.Apply(kestrel);
            ListenOptions? first = null,
                second = null,
                third = null;
            kestrel.Listen(options.Public, listen => (first = listen).UseTls(open, caps));
            kestrel.Listen(options.MutualTls, listen => (second = listen).UseTls(mutual, caps.Beside()));
            kestrel.Listen(options.Operations, listen => (third = listen).Named(OperationsPages.Listener).UseCaps(caps.Beside()));
            addresses.Bind(first!, second!, third!);
        });
    }

    private static WebApplication Map(WebApplication app, RegistryWatcher registry, ILedger? ledger, TokenEngine? engine)
    {
        var services = app.Services;
        var background = services.GetRequiredService<BackgroundWork>();
        (background.Log, services.GetRequiredService<KeyRing>().Report) = (LogOf(services), background.Report);
        services.GetRequiredService<KeyRecords>(); // follows from now on
        _ = (services.GetRequiredService<LawGauges>(), services.GetRequiredService<LawNotices>());
        var status = services.GetRequiredService<ITokenStatus>();
        registry.AlsoStopped = institution => status.Current.IsSuspended(StoppedKind.Institution, institution);
        var clock = services.GetRequiredService<ClockWatch>(); // counts from now on
        var lists = services.GetRequiredService<RevocationLists>();
        var (ring, replay, endpoints) = (
            services.GetRequiredService<KeyRing>(),
            services.GetRequiredService<IReplayGuard>(),
            services.GetRequiredService<Endpoints>()
        );
        ReadinessCheck[] checks =
        [
            new("keys", () => ring.Signing is not null) { Means = "No key can sign, so no token is issued" },
            new("replay", () => replay.IsHealthy) { IsSaidElsewhere = Said },
            new("status", () => services.GetRequiredService<ITokenStatus>().IsFresh) { IsSaidElsewhere = Said },
            new("registry", () => registry.Current is not null) { Note = () => LawNotices.Behind(registry), IsSaidElsewhere = Said },
            new("operators", static () => true) { Note = () => LawNotices.NoOperators(registry) },
            new("revocation", () => lists.Standing != RevocationStanding.Closed) { Note = () => lists.Note, IsSaidElsewhere = Said },
            new("files", static () => true) { Note = () => services.GetRequiredService<WatchedFiles>().Note },
            new("clock", () => !clock.IsOff) { IsSaidElsewhere = Said },
            new("ledger", () => ledger is null || ledger.State == LedgerState.Open)
            {
                Means = "No record can be sealed, so no token is issued",
                IsSaidElsewhere = () => ledger?.State == LedgerState.LowSpace,
            },
            new("disk", () => ledger?.State != LedgerState.LowSpace)
            {
                Means = "Free space on the volume of the log is below its line, so no token is issued. Make room: it opens by itself",
            },
        ];
        static bool Said() => true;
        var watch = new ReadinessWatch("Authority", checks, services.GetRequiredService<TimeProvider>(), LogOf(services));
        app.Lifetime.ApplicationStopped.Register(watch.Dispose);
        app.UseServerRefusals(endpoints.Refused);
        app.UseEarlyAnswers();
        app.UseOperationsPages(services.GetRequiredService<PrometheusPage>(), checks);
        app.UseWireGate(endpoints.Gate);
        engine?.Use(app);
        app.Run(endpoints.Handle);
        return app;
    }

    private static TlsSnapshot Snapshot(AuthorityFiles files, ClientDirectory clients) =>
        new(files.Server.Current, new ClientTrust { Authorities = files.Roots.Current, SelfSigned = clients.SelfSigned });
}
