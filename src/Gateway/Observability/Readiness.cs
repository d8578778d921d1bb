using Agreements.Loading;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization.Dossiers;
using Gateway.Quotas;
using Ledger;
using Tokens.Operations;
using Tokens.Renewal;
using Tokens.Replay;
using Tokens.Revocation;
using Tokens.Status;

namespace Gateway.Observability;

/// <summary>
/// What must be well before calls may come. Red when the ledger cannot seal, when no law is loaded, when no key of the issuer can be
/// had, when nobody has been able to tell for a minute what was stopped or whose dossiers are open, when the clock was set by a minute or
/// more while the gateway ran, or when a witness holds another history of the log. Too few witnesses are an alarm of the metrics, not of
/// readiness: they delay evidence, not exchanges. Contracts on disk that do not load are a note, and not red: one person's slip of the pen
/// must not stop every exchange of every node. A provider that is down does not make the gateway unready: its own calls say so.
/// </summary>
internal static class Readiness
{
    /// <summary>The checks, watched from now on until the program ends.</summary>
    public static IReadOnlyList<ReadinessCheck> Watched(IServiceProvider services)
    {
        _ = services.GetRequiredService<ReadinessWatch>();
        return services.GetRequiredService<IReadOnlyList<ReadinessCheck>>();
    }

    /// <summary>Adds the checks and who watches them.</summary>
    public static IServiceCollection AddReadiness(this IServiceCollection services) =>
        services
            .AddSingleton(Checks)
            .AddSingleton(static provider => new ReadinessWatch(
                GatewayMeters.Name,
                provider.GetRequiredService<IReadOnlyList<ReadinessCheck>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ReadinessWatch>>()
            ));

    /// <summary>The checks of <c>/health/ready</c>.</summary>
    public static IReadOnlyList<ReadinessCheck> Checks(IServiceProvider services)
    {
        var (law, sealing, authenticator) = (
            services.GetRequiredService<RegistryWatcher>(),
            services.GetRequiredService<Sealing>(),
            services.GetRequiredService<Authenticator>()
        );
        var (status, dossiers, witnesses) = (
            services.GetRequiredService<ITokenStatus>(),
            services.GetRequiredService<DossierRegister>(),
            services.GetService<LedgerWitnesses>()
        );
        var clock = services.GetRequiredService<ClockWatch>();
        var (lists, providers) = (services.GetRequiredService<RevocationLists>(), services.GetRequiredService<ProviderStops>());
        var quotas = services.GetRequiredService<IQuotaBook>();
        var replay = services.GetRequiredService<IReplayGuard>();
        static bool Said() => true;
        return
        [
            new("ledger", () => sealing.State == LedgerState.Open)
            {
                Note = () => sealing.State is var state && state != LedgerState.Open ? $"the log is not open: {state}" : null,
                Means = "No record can be sealed, so calls get 503 and nothing is asked of anybody",
                IsSaidElsewhere = () => sealing.State == LedgerState.LowSpace,
            },
            new("disk", () => sealing.State != LedgerState.LowSpace)
            {
                Means = "Free space on the volume of the log is below its line, so calls get 503. Make room: it opens by itself",
            },
            new("law", () => law.Current.Agreements.Count > 0) { Note = () => LawNotices.Behind(law), IsSaidElsewhere = Said },
            new("operators", static () => true) { Note = () => LawNotices.NoOperators(law) },
            new("issuerKeys", () => authenticator.KnowsIssuerKeys) { Note = () => authenticator.IssuerKeysNote, IsSaidElsewhere = Said },
            new("status", () => status.IsFresh) { IsSaidElsewhere = Said },
            // Red only when no client of any authority could be taken: one authority's silence must not take the others' partners away.
            new("revocation", () => lists.Standing != RevocationStanding.Closed) { Note = () => lists.Note, IsSaidElsewhere = Said },
            new("providerRevocation", static () => true) { Note = () => providers.Note },
            new("files", static () => true) { Note = () => services.GetRequiredService<WatchedFiles>().Note },
            new("dossiers", () => dossiers.IsFresh)
            {
                Means = "The register of dossiers does not answer, so calls that a dossier opens get 503",
            },
            new("quotas", () => quotas.IsHealthy) { IsSaidElsewhere = Said },
            // Only callers with DPoP proofs need it: the others must not lose the gateway for it.
            new("replay", static () => true)
            {
                Note = () => replay.IsHealthy ? null : "the memory of used proofs does not answer: calls with DPoP get 503",
            },
            new("clock", () => !clock.IsOff) { IsSaidElsewhere = Said },
            new("witnesses", () => witnesses?.Contradicts != true)
            {
                Means = "A witness holds another history of the log: nothing is sealed until a person has decided",
            },
        ];
    }
}
