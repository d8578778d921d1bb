using System.Collections.Frozen;
using System.Diagnostics;
using System.Net;
using Agreements;
using Agreements.Loading;
using Gateway.Audit;
using Gateway.Followers;
using Gateway.Observability;
using Ledger;
using Ledger.Notes;
using Ledger.Subjects;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Tokens.Operations;
using Tokens.Renewal;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway;

/// <summary>Builds the gateway as a web application that the program, the sandbox and the tests start alike.</summary>
public static class GatewayHost
{
    /// <summary>Name of the data listener.</summary>
    public const string DataListener = "Data";

    /// <summary>Name of the listener that asks for no certificate and takes DPoP-bound tokens only.</summary>
    public const string DpopListener = "DataDpop";

    /// <summary>Name of the listener that tells what is wrong with a certificate.</summary>
    public const string DiagnoseListener = "Diagnose";

    // The longest deadline of a call, and its record.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(90);

    /// <summary>Builds; throws before listening when something is missing, so that a wrong configuration never half-runs.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="law">Contracts, institutions and agreements, watched.</param>
    /// <param name="ledger">Where records are sealed.</param>
    /// <param name="subjects">Keys of the records' pseudonyms.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logging">Where diagnostics go.</param>
    /// <param name="witnesses">Who cosigns the log; started and ended by the caller. Null for nobody.</param>
    /// <param name="background">Watches the loops that were begun before; null when there are none.</param>
    /// <param name="log">Verifier key of the log, for the index and the feeds that follow it; null when the options name none.</param>
    public static WebApplication Build(
        GatewayOptions options,
        RegistryWatcher law,
        ILedger ledger,
        SubjectKeys subjects,
        TimeProvider time,
        Action<ILoggingBuilder> logging,
        LedgerWitnesses? witnesses = null,
        VerifierKey? log = null,
        BackgroundWork? background = null
    )
    {
        MinimumRuntime.Check();
        // The folder of the program, not the current one: the host watches it for changed settings, and every record would be one.
        var place = new WebApplicationOptions { ApplicationName = "Gateway", ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateSlimBuilder(place);
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        builder.Services.AddSingleton<DistributedContextPropagator>(new NoForeignTrace());
        var watch = new WatchedFiles();
        var files = new GatewayFiles(options, watch, time);
        builder.Services.AddSingleton(files).AddSingleton(_ => watch).AddHostedService(_ => watch);
        builder.Services.AddRooms(options, files, law, ledger, subjects, time).AddFollowers(options, log);
        if (witnesses is not null)
            builder.Services.AddSingleton(witnesses);
        if (background is null)
            builder.Services.AddSingleton<BackgroundWork>();
        else
            builder.Services.AddSingleton(background);
        builder.Services.AddLeaving(options.StopGrace, Drain);
        builder.Services.Configure<SocketTransportOptions>(KestrelLimits.Apply);
        var listeners = new Listeners(files, law.Current, time);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, law.Current, listeners, time));
        var app = builder.Build();
        app.Services.GetRequiredService<BackgroundWork>().Log = app.Services.GetRequiredService<ILogger<BackgroundWork>>();
        watch.Log = app.Services.GetRequiredService<ILogger<WatchedFiles>>();
        app.UseServerRefusals(app.Services.GetRequiredService<ServerRefusal>().Write);
        app.UseEarlyAnswers();
        app.UseOperationsPages(app.Services.GetRequiredService<PrometheusPage>(), Readiness.Watched(app.Services));
        listeners.Follow(law, app.Lifetime);
        _ = app.Services.GetRequiredService<DossierMeters>();
        _ = app.Services.GetRequiredService<StatusAge>(); // nobody asks for it but the metrics page
        _ = app.Services.GetRequiredService<ExpiryGauge>();
        _ = app.Services.GetRequiredService<QueueGauges>();
        _ = app.Services.GetRequiredService<ClockWatch>(); // counts from now on
        _ = (app.Services.GetRequiredService<LawGauges>(), app.Services.GetRequiredService<LawNotices>());
        var status = app.Services.GetRequiredService<ITokenStatus>();
        law.AlsoStopped = institution => status.Current.IsSuspended(StoppedKind.Institution, institution);
        var router = app.Services.GetRequiredService<RequestRouter>();
        app.UseWireGate(
            new WireGateOptions
            {
                Route = router.WireOf,
                Refuse = router.RefuseAsync,
                Hosts = options.Hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            }
        );
        app.Run(router.RunAsync);
        return app;
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        GatewayOptions options,
        Registry registry,
        Listeners listeners,
        TimeProvider time
    )
    {
        KestrelLimits.Apply(kestrel);
        var caps = new ConnectionCaps(
            new ConnectionCapOptions
            {
                OpenPerAddress = options.ConnectionsPerAddress,
                NewPerSecond = options.NewConnectionsPerSecond,
                Burst = Math.Max(50, options.ConnectionsPerAddress),
                Handshakes = options.HandshakesAtOnce,
            },
            time
        );
        var arrivals = kestrel.ApplicationServices.GetRequiredService<Arrivals>();
        On(kestrel, options.Bind, options.DataPort, listen => Carry(listen.UseTls(listeners.Data, caps), arrivals));
        if (options.ServeDpop || registry.Clients.Values.Any(static client => client.DPoP))
            On(kestrel, options.Bind, options.DpopPort, listen => Carry(listen.UseTls(listeners.Proofs, caps.Beside()), arrivals));
        if (options.DiagnosePort is { } port)
            On(kestrel, options.Bind, port, listen => listen.UseTls(listeners.Diagnosis, caps.Beside()));
        On(kestrel, options.OperationsBind, options.OperationsPort, listen =>
            listen.Named(OperationsPages.Listener).UseCaps(caps.Beside())
        );
    }

    // Listeners that carry data know whose each connection is, from its handshake on.
    private static void Carry(ListenOptions listen, Arrivals arrivals) =>
        listen.Use(next => connection => arrivals.ConnectedAsync(connection, next));

    private static void On(KestrelServerOptions kestrel, string address, int port, Action<ListenOptions> configure)
    {
        // "localhost" with a free port is not a thing Kestrel can bind twice (IPv4 and IPv6), so a free port is IPv4 loopback.
        if (address == "localhost" && port != 0)
            kestrel.ListenLocalhost(port, configure);
        else if (address == "*")
            kestrel.ListenAnyIP(port, configure);
        else
            kestrel.Listen(address == "localhost" ? IPAddress.Loopback : IPAddress.Parse(address), port, configure);
    }
}
