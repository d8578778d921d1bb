using System.Collections.Frozen;
using System.Text;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Problems;
using Gateway.Proofs;
using Ledger;
using Ledger.Subjects;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Suspensions;

/// <summary>
/// <c>POST /catalogue/v1/agreements/{agreement}/suspensions</c>: a party stops an agreement at once, or lets it go on. It needs no
/// agreement in force for that: who shows a token is recognized by it, who shows none by the certificate of a registered system. What
/// counts is the statement that the institution signed.
/// </summary>
/// <remarks>
/// Order: statement verified, access and <c>suspend</c> sealed, status list, answer. <i>A crash after the records: the log tells of a
/// suspension that holds nowhere; nobody was told that it does, and the same statement handed in again takes effect. A crash after the
/// list: it holds, and the same statement again is answered as the first would have been.</i>
/// </remarks>
internal sealed class SuspensionEndpoint(
    Exchange exchange,
    RegisteredSystems systems,
    ITokenStatus status,
    Sealing sealing,
    Release release,
    GatewayOptions options,
    TimeProvider time
) : IPathEndpoint, IDisposable
{
    private const string Operation = "catalogue.suspension.create",
        Purpose = "CATALOGUE",
        Prefix = "/catalogue/v1/agreements/",
        Suffix = "/suspensions";

    // One at a time, so that a statement is compared with what the one before it left.
    private readonly SemaphoreSlim _turn = new(1);

    // POST of a compact JWS, without query.
    private static readonly WireRoute Wire = new(
        FrozenSet.Create(StringComparer.Ordinal, "POST"),
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/jose")
    );

    /// <inheritdoc/>
    public WireRoute? WireOf(string path) => AgreementOf(path) is null ? null : Wire;

    /// <inheritdoc/>
    public Task RunAsync(HttpContext http, string path)
    {
        var facts = exchange.Begin(http, Operation);
        return exchange.RunAsync(
            http,
            facts,
            records: 2,
            seat => SayAsync(http, AgreementOf(path)!, facts, seat),
            (told, _) => release.EvidenceAsync(http, facts, told.Answer, told.Receipt)
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> SayAsync(
        HttpContext http,
        string id,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        try
        {
            return await AnswerAsync(http, id, facts, seat);
        }
        catch (StatusUnavailable lost)
        {
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 2, Reason = lost.Message };
        }
    }

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> AnswerAsync(
        HttpContext http,
        string id,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!(await CallerAsync(http, facts)).Allows(out var caller, out var refusal))
            return refusal;
        facts.Caller = caller with { Purpose = Purpose };
        // What is not the caller's looks like nothing.
        if (
            !facts.Registry.Agreements.TryGetValue(id, out var agreement)
            || !agreement.Parties.Contains(caller.Institution.Id, StringComparer.Ordinal)
        )
            return new Refusal(Problem.ResourceUnknown);
        if (!(await RequestBody.ReadAsync(http, RequestBody.SingleBytes)).Allows(out var body, out refusal))
            return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        var now = time.GetUtcNow();
        if (
            !(
                await SuspensionStatement.ReadAsync(Encoding.ASCII.GetString(body.Span), caller.Institution, id, options.Resource, now)
            ).Allows(out var act, out refusal)
        )
            return refusal;
        facts.Act = act.Stops ? "suspend" : "lift";
        return await facts.Turn.Outside(OneByOneAsync(act, facts, seat, now, http.RequestAborted));
    }

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> OneByOneAsync(
        PartyAct act,
        ExchangeFacts facts,
        Reservation seat,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await TakeAsync(act, facts, seat, now);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> TakeAsync(
        PartyAct act,
        ExchangeFacts facts,
        Reservation seat,
        DateTimeOffset now
    )
    {
        var before = status.Current;
        var said = before.SaidBy(act.Agreement, act.Party);
        var again = said?.Statement == act.Statement;
        if (!again && said?.IssuedAt >= act.IssuedAt)
            return Older();
        var body = SuspensionAnswer.Write(act, before, facts.Registry, now);
        SealedRecord? stop = again ? null : LawRecord.Of(act, time);
        if (!(await sealing.SealWriteAsync(facts, body, stop, seat)).Allows(out var receipt, out var refusal))
            return refusal;
        // Another node may have taken a newer word meanwhile: then the log has a record too many, and the newer word holds.
        if (!await status.Say(act))
            return Older();
        return (new Evidence(body, "application/json"), receipt);
    }

    private async ValueTask<Verdict<Caller>> CallerAsync(HttpContext http, ExchangeFacts facts)
    {
        if (http.Request.Headers.Authorization.Count > 0)
            return await exchange.RecognizeAsync(http, facts);
        if (!status.IsFresh)
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the status list could not be read for a minute" };
        return await exchange.RecognizeAsync(http, facts, systems.Of(http, facts.Registry, facts.Status, Purpose));
    }

    private static Refusal Older() => new(Problem.StateConflict) { Reason = "the party has said something newer about this agreement" };

    private static string? AgreementOf(string path)
    {
        if (
            path.Length <= Prefix.Length + Suffix.Length
            || !path.StartsWith(Prefix, StringComparison.Ordinal)
            || !path.EndsWith(Suffix, StringComparison.Ordinal)
        )
            return null;
        var id = path[Prefix.Length..^Suffix.Length];
        return id.Contains('/', StringComparison.Ordinal) ? null : id;
    }
}
