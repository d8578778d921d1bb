using Agreements;
using Gateway.Quotas;
using Gateway.Quotas.Postgres;
using Gateway.Tests.Dossiers;
using Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Postgres;
using Tokens.Stores;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPostgres))]

namespace Gateway.Tests.Quotas;

/// <summary>Nodes with the same counters in a real PostgreSQL.</summary>
internal static class SharedCounters
{
    public static readonly QuotaGrant Grant = new("ANSS-MENPS-2026-01", "schooling");

    public static PostgresQuotas Node(this RealPostgres server, string database, string node) =>
        new PostgresQuotas(
            new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile },
            node,
            new SharedPersons(SomeKeys.With()),
            new WalkAlarm(NullLogger<WalkAlarm>.Instance),
            TimeProvider.System,
            NullLogger<PostgresQuotas>.Instance
        );

    /// <summary>The agreement of <see cref="Grant"/>, with these quotas and nothing else.</summary>
    public static Agreement Convention(QuotaTerms terms) =>
        new()
        {
            Id = Grant.Agreement,
            Version = 1,
            Title = new LocalizedText("", "", ""),
            Parties = [],
            From = default,
            Until = default,
            Signed = true,
            Digest = "",
            Grants =
            [
                new Grant
                {
                    Id = Grant.Grant,
                    Clause = "",
                    Purpose = "",
                    LegalBasis = [],
                    Consumer = "",
                    Provider = "",
                    Sources = [],
                    SubjectSchemes = [],
                    Population = new Population("none", null, []),
                    Quotas = terms,
                    Operations = [],
                },
            ],
        };

    /// <summary>Asks until it is answered or refused for good; gives the code of the refusal, or null.</summary>
    public static Task<string?> Ask(this PostgresQuotas node, QuotaTerms terms, QuotaAsk ask, Charge charge) =>
        node.Ask(Grant, terms, null, ask, charge);

    /// <summary>The same under a grant of its own, in an agreement that has quotas as a whole.</summary>
    public static async Task<string?> Ask(
        this PostgresQuotas node,
        QuotaGrant grant,
        QuotaTerms terms,
        TotalQuotas? totals,
        QuotaAsk ask,
        Charge charge
    )
    {
        while (true)
        {
            var exchange = Ulid.New(TimeProvider.System);
            var asked = await node.TakeAsync(grant, ask, terms, exchange, totals);
            if (asked is not { } decision)
                return "away";
            if (decision.Refused is { } problem)
            {
                if (!decision.State.IsPassing)
                    return problem.Code;
                await Task.Delay(5);
                continue;
            }

            await Task.Yield();
            node.Settle(grant, ask, exchange, charge);
            return null;
        }
    }
}
