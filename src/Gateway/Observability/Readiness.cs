using Agreements.Loading;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization.Dossiers;
using Gateway.Quotas;
using Ledger;
using Tokens.Operations;
using Tokens.Revocation;
using Tokens.Status;

namespace Gateway.Observability;

/// <summary>
/// What must be well before calls may come. Red when the ledger cannot seal, when no law is loaded, when no key of the issuer can be
/// had, when nobody has been able to tell for a minute what was stopped or whose dossiers are open, when the clock was set by a minute or more while the gateway ran, or when a witness holds another history of the log. Too few
/// witnesses are an alarm of the metrics, not of readiness: they delay evidence, not exchanges. Contracts on disk that do not load are a note, and
/// not red: one person's slip of the pen must not stop every exchange of every node. A provider that is down does not make the gateway unready: its own calls say so.
/// </summary>
internal static class Readiness
{
    /// <summary>The checks of <c>/health/ready</c>.</summary>
    public static IReadOnlyList<ReadinessCheck> Checks(IServiceProvider services)
    {
        var (law, sealing, authenticator) = (services.GetRequiredService<RegistryWatcher>(), services.GetRequiredService<Sealing>(), services.GetRequiredService<Authenticator>());
        var (status, dossiers, witnesses) = (services.GetRequiredService<ITokenStatus>(), services.GetRequiredService<DossierRegister>(), services.GetService<LedgerWitnesses>());
        var clock = services.GetRequiredService<ClockWatch>();
        var (lists, providers) = (services.GetRequiredService<RevocationLists>(), services.GetRequiredService<ProviderStops>());
        var quotas = services.GetRequiredService<IQuotaBook>();
        return
        [
            new("ledger", () => sealing.State == LedgerState.Open),
            new("law", () => law.Current.Agreements.Count > 0) { Note = () => LawNotices.Behind(law) },
            new("operators", static () => true) { Note = () => LawNotices.NoOperators(law) },
            new("issuerKeys", () => authenticator.KnowsIssuerKeys) { Note = () => authenticator.IssuerKeysNote },
            new("status", () => status.IsFresh),
            // Red only when no client of any authority could be taken: one authority's silence must not take the others' partners away.
            new("revocation", () => lists.Standing != RevocationStanding.Closed) { Note = () => lists.Note },
            new("providerRevocation", static () => true) { Note = () => providers.Note },
            new("dossiers", () => dossiers.IsFresh),
            new("quotas", () => quotas.IsHealthy),
            new("clock", () => !clock.IsOff),
            new("witnesses", () => witnesses?.Contradicts != true),
        ];
    }
}
