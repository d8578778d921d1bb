using Agreements.Loading;
using Gateway.Audit;
using Gateway.Authentication;
using Ledger;
using Tokens.Operations;
using Tokens.Status;

namespace Gateway.Observability;

/// <summary>
/// What must be well before calls may come. Red when the ledger cannot seal, when no law is loaded, when no key of the issuer can be
/// had, or when nobody has been able to tell for a minute what was stopped. A provider that is down does not make the gateway unready: its own calls say so.
/// </summary>
internal static class Readiness
{
    /// <summary>The checks of <c>/health/ready</c>.</summary>
    public static IReadOnlyList<ReadinessCheck> Checks(IServiceProvider services)
    {
        var (law, sealing, authenticator) = (services.GetRequiredService<RegistryWatcher>(), services.GetRequiredService<Sealing>(), services.GetRequiredService<Authenticator>());
        var status = services.GetRequiredService<ITokenStatus>();
        return
        [
            new("ledger", () => sealing.State == LedgerState.Open),
            new("law", () => law.Current.Agreements.Count > 0),
            new("issuerKeys", () => authenticator.KnowsIssuerKeys),
            new("status", () => status.IsFresh),
        ];
    }
}
