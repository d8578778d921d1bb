using Agreements.Loading;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Batches;
using Gateway.Catalogue;
using Gateway.Declarations;
using Gateway.Diagnosis;
using Gateway.Explanations;
using Gateway.Forwarding;
using Gateway.Hiding;
using Gateway.Observability;
using Gateway.Proofs;
using Gateway.Quotas;
using Gateway.Quotas.Postgres;
using Gateway.Suspensions;
using Ledger;
using Ledger.Subjects;
using Tokens.Operations;

namespace Gateway;

/// <summary>The rooms, in the order in which a request walks through them.</summary>
internal static class GatewayServices
{
    /// <summary>Adds every room.</summary>
    public static IServiceCollection AddRooms(
        this IServiceCollection services,
        GatewayOptions options,
        GatewayFiles files,
        RegistryWatcher law,
        ILedger ledger,
        SubjectKeys subjects,
        TimeProvider time
    ) =>
        services
            .AddSingleton(options)
            .AddSingleton(law)
            .AddSingleton(time)
            .AddAuthentication(options)
            .AddAuthorization(options, files, time)
            .AddQuotas(options)
            .AddForwarding(options)
            .AddAudit(ledger, subjects)
            .AddSingleton<Arrivals>()
            .AddSingleton<QueueGauges>()
            .AddSingleton<GatewayMeters>()
            .AddSingleton<StatusAge>()
            .AddSingleton<ExpiryGauge>()
            .AddSingleton(_ => new LawGauges(law, GatewayMeters.Name, time))
            .AddSingleton(static provider =>
                LawLog.Follow(provider.GetRequiredService<RegistryWatcher>(), provider.GetRequiredService<ILoggerFactory>())
            )
            .AddBatchKeys(options)
            .AddSingleton(_ => new BatchBook(options.Spool, time))
            .AddSingleton<ChunkSources>()
            .AddSingleton<ChunkSealing>()
            .AddSingleton<BatchChunk>()
            .AddSingleton<BatchEndpoint>()
            .AddSingleton<BatchRunner>()
            .AddHostedService(static provider => provider.GetRequiredService<BatchRunner>())
            .AddSingleton<DossierMeters>()
            .AddSingleton<DeclarationKeys>()
            .AddSingleton<DeclarationWork>()
            .AddSingleton<DeclarationEndpoint>()
            .AddCatalogue()
            .AddSingleton<DiagnosticsEndpoint>()
            .AddProofs()
            .AddExplanations()
            .AddSingleton<IPathEndpoint, SuspensionEndpoint>()
            .AddSingleton<Intake>()
            .AddSingleton<ReleasePlans>()
            .AddSingleton<SourcePasts>()
            .AddSingleton<Legs>()
            .AddSingleton<SourceCalls>()
            .AddSingleton<Release>()
            .AddSingleton<Exchange>()
            .AddSingleton<RequestRouter>()
            .AddSingleton<ServerRefusal>()
            .AddSingleton(static _ => new PrometheusPage(static meter =>
                meter is GatewayMeters.Name or "Ledger" || meter.StartsWith("Tokens", StringComparison.Ordinal)
            ));

    // What was charged before this start is known before the first request is taken.
    private static IServiceCollection AddQuotas(this IServiceCollection services, GatewayOptions options) =>
        options.Quotas.Postgres is not { Length: > 0 }
            ? services
                .AddSingleton<WalkAlarm>()
                .AddSingleton<RecordPersons>()
                .AddSingleton<LocalQuotas>()
                .AddSingleton<IQuotaBook>(static provider => provider.GetRequiredService<LocalQuotas>())
                .AddHostedService<ChargeHistory>()
            : services
                .AddSingleton<WalkAlarm>()
                .AddSingleton<SharedPersons>()
                .AddSingleton(provider => new PostgresQuotas(
                    options.Quotas,
                    options.LedgerOrigin,
                    provider.GetRequiredService<SharedPersons>(),
                    provider.GetRequiredService<WalkAlarm>(),
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<PostgresQuotas>>()
                ))
                .AddSingleton<IQuotaBook>(static provider => provider.GetRequiredService<PostgresQuotas>())
                .AddHostedService<LeaseHistory>();

    // Nodes that share their quotas share the keys too.
    private static IServiceCollection AddBatchKeys(this IServiceCollection services, GatewayOptions options)
    {
        if (options.Quotas.Postgres is { Length: > 0 })
            services
                .AddSingleton(provider => new SharedKeys(
                    options.Quotas,
                    options.LedgerOrigin,
                    provider.GetRequiredService<ILogger<SharedKeys>>()
                ))
                .AddHostedService(static provider => provider.GetRequiredService<SharedKeys>());
        return services.AddSingleton(static provider => new BatchKeys(
            provider.GetRequiredService<KeyedDigest>(),
            provider.GetService<SharedKeys>(),
            provider.GetRequiredService<TimeProvider>()
        ));
    }

    private static IServiceCollection AddAudit(this IServiceCollection services, ILedger ledger, SubjectKeys subjects) =>
        services
            .AddSingleton(ledger)
            .AddSingleton(subjects)
            .AddSingleton<Sealing>()
            .AddHostedService<LawRecorder>()
            .AddSingleton(static provider => new ClockWatch(
                GatewayMeters.Name,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<Sealing>().SealClockAsync,
                provider.GetRequiredService<ILogger<ClockWatch>>()
            ))
            .AddReadiness()
            .AddSingleton<RefusalCounts>()
            .AddHostedService(static provider => provider.GetRequiredService<RefusalCounts>());
}
