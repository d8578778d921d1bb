using System.Collections.Frozen;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Problems;
using Ledger;
using Tokens.Transport;

namespace Gateway.Proofs;

/// <summary>
/// What partners take from the log (ledger page, section 11.2). Files of hashes and signatures are for every registered institution, by its
/// certificate alone; a record or its proof is for the parties of the exchange and is itself sealed before it leaves. A party needs no
/// agreement for its own evidence: who shows a token is identified by it, who shows none by the certificate.
/// </summary>
internal sealed class AuditLogEndpoint(
    RegisteredSystems systems,
    Exchange exchange,
    Sealing sealing,
    Release release,
    PublishedLogReader published
) : IPathEndpoint
{
    private const string ReadEntry = "ledger.entry.read",
        Purpose = "OVERSIGHT";
    private static readonly FrozenSet<string> Parameters = FrozenSet.Create(StringComparer.Ordinal, "size", "old", "exchange", "published");

    // GET, without body; a query may follow.
    private static readonly WireRoute Wire = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), [], AllowsQuery: true);

    /// <inheritdoc/>
    public WireRoute? WireOf(string path) => LogRoute.Read(published.Prefix, path) is null ? null : Wire;

    /// <inheritdoc/>
    public Task RunAsync(HttpContext http, string path)
    {
        if (http.Request.Query.Any(static parameter => !Parameters.Contains(parameter.Key) || parameter.Value.Count != 1))
            return exchange.RefuseAsync(
                http,
                new Refusal(Problem.RequestMalformed) { Reason = "a parameter that this path does not have" }
            );
        return LogRoute.Read(published.Prefix, path) is { Part: LogPart.Entry or LogPart.Exchange or LogPart.Proof } route
            ? ReadAsync(http, route)
            : FileAsync(http, LogRoute.Read(published.Prefix, path)!.Value);
    }

    private async Task FileAsync(HttpContext http, LogRoute route)
    {
        var facts = exchange.Begin(http, operation: null);
        if (
            !(await exchange.RecognizeAsync(http, facts, systems.Of(http, facts.Registry, facts.Status, Purpose))).Allows(
                out var caller,
                out var refusal
            )
        )
            await exchange.RefuseAsync(http, refusal);
        // Bundles hold everybody's records: for others they do not exist.
        else if (route.Part == LogPart.Entries && !published.ReadsAll(caller.Client))
            await exchange.RefuseAsync(http, new Refusal(Problem.ResourceUnknown));
        else if (
            published
                .File(route, name => LogRoute.TryNumber(http.Request.Query[name], out var number) ? number : null)
                .Allows(out var file, out refusal)
        )
            await Release.FileAsync(http, file);
        else
            await exchange.RefuseAsync(http, refusal);
    }

    private Task ReadAsync(HttpContext http, LogRoute route)
    {
        var facts = exchange.Begin(http, ReadEntry);
        return exchange.RunAsync(
            http,
            facts,
            records: 1,
            seat => SealedAsync(http, route, facts, seat),
            (told, _) => release.EvidenceAsync(http, facts, told.Answer, told.Receipt)
        );
    }

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> SealedAsync(
        HttpContext http,
        LogRoute route,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!(await IdentifyAsync(http, facts)).Allows(out var caller, out var refusal))
            return refusal;
        if (!published.Record(route, caller, facts.Registry, name => http.Request.Query[name]).Allows(out var evidence, out refusal))
            return refusal;
        facts.About = evidence.About;
        var code = evidence.Location is null ? StatusCodes.Status200OK : StatusCodes.Status303SeeOther;
        return (await sealing.SealAsync(facts, code, evidence.Body, seat)).Allows(out var receipt, out refusal)
            ? (evidence, receipt)
            : refusal;
    }

    private async ValueTask<Verdict<Caller>> IdentifyAsync(HttpContext http, ExchangeFacts facts)
    {
        if (http.Request.Headers.Authorization.Count > 0)
            return (await exchange.IdentifyAsync(http, facts)).Allows(out _, out var refusal) ? facts.Caller! : refusal;
        return await exchange.RecognizeAsync(http, facts, systems.Of(http, facts.Registry, facts.Status, Purpose));
    }
}

/// <summary>The room's services.</summary>
internal static class ProofsRoom
{
    /// <summary>Adds the room.</summary>
    public static IServiceCollection AddProofs(this IServiceCollection services) =>
        services
            .AddSingleton(static provider => new PublishedLogReader(
                provider.GetRequiredService<GatewayOptions>(),
                provider.GetRequiredService<ILedger>(),
                provider.GetService<LedgerWitnesses>()
            ))
            .AddSingleton<IPathEndpoint, AuditLogEndpoint>();
}
