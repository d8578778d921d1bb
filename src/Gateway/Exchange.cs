using Agreements;
using Agreements.Contracts;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Minimization;
using Gateway.Problems;
using Gateway.Quotas;
using Ledger;

namespace Gateway;

/// <summary>
/// The request path, whole:
/// <code>
///  partner ──► 0 seat ──► 1 authenticate ──► 2 agreement ──► 3 authorize ──► 4 quota ─┐
///                                                                                     ▼
///  partner ◄── 8 release ◄── 7 seal ◄────────── 6 minimize ◄── 5 forward ◄──► institution
/// </code>
/// Each step needs the value of the step before, so a wrong order does not compile. Every step gives a value or a refusal;
/// a refusal is sealed like an answer and released with its receipt. Exceptions are faults and end here.
/// </summary>
internal sealed class Exchange(
    Authenticator authenticator,
    Intake intake,
    DossierRegister dossiers,
    IQuotaBook quotas,
    SourceCalls sources,
    Sealing sealing,
    Release release
)
{
    /// <summary>Answers one single question.</summary>
    public Task RunAsync(HttpContext http, Operation operation)
    {
        var facts = intake.Begin(http, operation.Id);
        return RunAsync(
            http,
            facts,
            records: 2,
            seat => DiscloseAsync(http, operation, facts, seat),
            (answer, _) => release.AnswerAsync(http, facts, answer)
        );
    }

    private async ValueTask<Verdict<Sealed>> DiscloseAsync(HttpContext http, Operation operation, ExchangeFacts facts, Reservation seat)
    {
        var language = Languages.Negotiate(http.Request.Headers.AcceptLanguage);

        // 1. to 3. Who calls, under which agreement, and what it may ask at all.
        if (!(await AdmitAsync(http, operation, facts)).Allows(out var entitlement, out var refusal))
            return refusal;

        // 3, continued: the question.
        if (!(await intake.ReadAsync(http, entitlement, facts)).Allows(out var request, out refusal))
            return refusal;

        // 4. Take quota, before anybody looks at the person; given back unless the exchange succeeds.
        if (
            !(await facts.Turn.Outside(quotas.TakeAsync(entitlement, facts.Person!, facts.Id, facts.Agent))).Allows(
                out var lease,
                out refusal
            )
        )
            return refusal;
        using var taken = facts.Share = lease;

        // 3, ended: the person. A refusal that tells something about the person costs a miss, as NOT_FOUND does.
        if (!Permit.Decide(entitlement, request, facts.Person!, dossiers, intake.Today).Allows(out var permit, out refusal))
            return facts.Judged(refusal);
        facts.Gate = permit.Obligations.Gate;

        // 5. and 6. Forward and minimize: one source after another, until one settles the question. What was stopped asks no more.
        var combination = sources.Begin(permit);
        while (combination.Next is { } source)
        {
            if (intake.Lapsed(entitlement, facts, out _) is { } stopped)
                return stopped;
            var answer = sources.AskAsync(permit, source, facts, language, () => intake.MayAsk(facts), http.RequestAborted);
            var asked = await facts.Turn.Outside(answer);
            if (http.RequestAborted.IsCancellationRequested && asked.Refusal is { } left)
                return left;
            combination.Add(source, asked);
        }

        // What was stopped while a source was asked, or the question waited for it, releases nothing.
        if (intake.Lapsed(entitlement, facts, out var anew) is { } lapsed)
            return lapsed;
        if (!sources.Conclude(permit, combination, language).Allows(out var disclosure, out refusal))
            return refusal;
        if (sources.Lapsed(anew, combination) is { } gone)
            return gone;

        // 7. Seal. A crash after this line and before release: a record of a disclosure that never arrived, the safe side.
        if (!(await sealing.SealAsync(facts, disclosure, permit.Obligations.HiddenRule, seat)).Allows(out var receipt, out refusal))
            return refusal;
        lease.Settle(Charges.Of(disclosure.MatchStatus));
        return new Sealed(disclosure, receipt);
    }

    /// <summary>Step 1: who calls.</summary>
    public async ValueTask<Verdict<Caller>> RecognizeAsync(HttpContext http, ExchangeFacts facts) =>
        await RecognizeAsync(http, facts, await facts.Turn.Outside(authenticator.AuthenticateAsync(http, facts.Registry, facts.Status)));

    /// <summary>Step 1, once token or certificate said who calls.</summary>
    public async ValueTask<Verdict<Caller>> RecognizeAsync(HttpContext http, ExchangeFacts facts, Verdict<Caller> named) =>
        named.Allows(out var caller, out var refusal) ? await intake.PassAsync(http, caller, facts) : refusal;

    /// <summary>Steps 1 and 2: who calls, and under which agreement in force.</summary>
    public async ValueTask<Verdict<Agreement>> IdentifyAsync(HttpContext http, ExchangeFacts facts) =>
        (await RecognizeAsync(http, facts)).Allows(out var caller, out var refusal)
            ? AgreementInForce.Find(facts.Registry, facts.Status, caller, intake.Today)
            : refusal;

    /// <summary>Steps 1 to 3 as far as they do not look at the person; a batch passes them once for all its lines.</summary>
    public async ValueTask<Verdict<Entitlement>> AdmitAsync(HttpContext http, Operation operation, ExchangeFacts facts)
    {
        if (!(await RecognizeAsync(http, facts)).Allows(out var caller, out var refusal))
            return refusal;
        var verdict = intake.Admit(caller, operation, facts.Registry, facts.Status);
        facts.Entitlement = verdict.Allows(out var entitlement, out _) ? entitlement : null;
        return verdict;
    }

    /// <summary>
    /// The frame of every call that has a record, at whatever endpoint: a reservation in the ledger before any other work, without which
    /// no one is asked anything; an answer that is sealed, or a refusal; a fault ends here and is a refusal.
    /// </summary>
    /// <param name="http">The call.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="records">Most records that it seals.</param>
    /// <param name="answer">Makes the answer and has it sealed.</param>
    /// <param name="letOut">Step 8 of an answer.</param>
    public async Task RunAsync<T>(
        HttpContext http,
        ExchangeFacts facts,
        int records,
        Func<Reservation, ValueTask<Verdict<T>>> answer,
        Func<T, Reservation, Task> letOut
    )
    {
        if (!sealing.TryReserve(records, out var seat))
        {
            await release.UnsealedAsync(http, facts, Sealing.Unavailable(lost: null));
            return;
        }

        using (seat)
        {
            Verdict<T> verdict;
            try
            {
                verdict = await answer(seat);
            }
            catch (Exception fault)
            {
                verdict = release.Fault(fault, facts, http.RequestAborted.IsCancellationRequested);
            }

            if (verdict.Allows(out var made, out var refusal))
                await letOut(made, seat);
            else
                await release.RefuseAsync(http, facts, refusal, seat);
        }
    }

    /// <summary>Begins an exchange for the batch endpoint or the catalogue.</summary>
    public ExchangeFacts Begin(HttpContext http, string? operation) => intake.Begin(http, operation);

    /// <summary>Ends a request that no operation takes: what the wire gate or the routes refused.</summary>
    public Task RefuseAsync(HttpContext http, Refusal refusal) => RefuseAsync(http, intake.Begin(http, operation: null), refusal);

    /// <summary>The same for a call of the catalogue, of which more is known.</summary>
    public async Task RefuseAsync(HttpContext http, ExchangeFacts facts, Refusal refusal)
    {
        if (!sealing.TryReserve(1, out var seat))
        {
            await release.UnsealedAsync(http, facts, Sealing.Unavailable(lost: null));
            return;
        }

        using (seat)
            await release.RefuseAsync(http, facts, refusal, seat);
    }
}

/// <summary>A disclosure whose record is durable: what step 8 releases. It cannot be made without a receipt.</summary>
/// <param name="Disclosure">What leaves.</param>
/// <param name="Receipt">Proof that its record is durable.</param>
internal sealed record Sealed(Disclosure Disclosure, Receipt Receipt);
