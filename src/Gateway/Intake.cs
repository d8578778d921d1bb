using System.Diagnostics;
using System.Security.Cryptography;
using Agreements;
using Agreements.Contracts;
using Agreements.Loading;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Problems;
using Gateway.Requests;
using Ledger;
using Ledger.Subjects;
using Tokens.Operations;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway;

/// <summary>Takes a request in: its id and salt, then its headers, body and person, in the order in which they are refused.</summary>
internal sealed class Intake(
    RegistryWatcher law,
    ITokenStatus status,
    CertificateStops certificates,
    SectorKeys keys,
    Arrivals arrivals,
    ClockWatch clock,
    TimeProvider time
)
{
    /// <summary>Civil day in Africa/Casablanca.</summary>
    public DateOnly Today => CivilTime.Today(time);

    /// <summary>Wall-clock time in Africa/Casablanca.</summary>
    public DateTime Now => CivilTime.Local(time.GetUtcNow());

    /// <summary>Was the gateway's clock set, so that nothing that depends on the time may be decided?</summary>
    public bool ClockIsOff => clock.IsOff;

    /// <summary>
    /// Begins an exchange under the snapshot that its route was decided in, and takes the one of the status list; it keeps both to its end.
    /// </summary>
    public ExchangeFacts Begin(HttpContext http, string? operation)
    {
        var salt = new byte[16];
        RandomNumberGenerator.Fill(salt);
        return new ExchangeFacts
        {
            Id = Ulid.New(time),
            Registry = RequestRoute.Of(http)?.Registry ?? law.Current,
            Status = status.Current,
            Operation = operation,
            Address = http.Connection.RemoteIpAddress,
            CertificateThumbprint = PresentedCertificate.Of(http)?.X5tS256,
            // Our own: the caller chooses the digits of its traceparent, and they could be a person's number.
            Trace = ActivityTraceId.CreateRandom().ToHexString(),
            Salt = salt,
            Turn = http.Turn(),
            ArrivedAt = http.Turn()?.ArrivedAt ?? time.GetTimestamp(),
        };
    }

    /// <summary>
    /// Step 1 is over: holds the caller to its own limits where its connection did not name it, and passes it on unless it is stopped.
    /// </summary>
    public async ValueTask<Verdict<Caller>> PassAsync(HttpContext http, Caller caller, ExchangeFacts facts)
    {
        facts.Caller = caller;
        return (await arrivals.ProvenAsync(http, caller)).Allows(out _, out var refusal)
            ? Stops.Pass(caller, facts.Registry, facts.Status, Today)
            : refusal;
    }

    /// <summary>May the list of what was stopped be relied on? Whatever takes long waits until it may.</summary>
    public bool IsCertain => status.IsFresh;

    /// <summary>
    /// Step 2, the agreement that the token names, if it is law today, and step 3, what may be asked at all. Nothing is looked at but the
    /// law.
    /// </summary>
    public Verdict<Entitlement> Admit(Caller caller, Operation operation, Registry registry, StatusSnapshot stopped) =>
        AgreementInForce.Find(registry, stopped, caller, Today).Allows(out var agreement, out var refusal)
            ? Entitlement.Decide(registry, caller, agreement, operation, Now)
            : refusal;

    /// <summary>Has neither the law nor the list changed since these snapshots were taken? Two reads.</summary>
    public bool IsCurrent(ExchangeFacts facts) =>
        ReferenceEquals(law.Current, facts.Registry) && ReferenceEquals(status.Current, facts.Status);

    /// <summary>
    /// Why what was admitted when a call began may be released no longer; null while it may. Unless something has changed since, nothing is
    /// done; then the steps are taken anew, and a refusal is the newer law's.
    /// </summary>
    /// <param name="first">What was admitted.</param>
    /// <param name="facts">Snapshots under which it was; of a refusal, those that it was made under.</param>
    /// <param name="anew">What is allowed now; null when nothing has changed.</param>
    public Refusal? Lapsed(Entitlement first, ExchangeFacts facts, out Entitlement? anew)
    {
        anew = null;
        if (IsCurrent(facts))
            return null;
        var (registry, stopped) = (law.Current, status.Current);
        if (Again(first, registry, stopped).Allows(out anew, out var refusal))
            return null;
        (facts.Registry, facts.Status) = (registry, stopped);
        return refusal;
    }

    /// <summary>May a question of an exchange that was admitted leave, under the law of this moment?</summary>
    public bool MayAsk(ExchangeFacts facts) => IsCurrent(facts) || Again(facts.Entitlement!).Refusal is null;

    /// <summary>Steps 1 to 3 once more, at this moment, for the token as it is.</summary>
    public Verdict<Entitlement> Again(Entitlement first) =>
        IsCertain
            ? Again(first, law.Current, status.Current)
            : new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the status list could not be read for a minute" };

    /// <summary>
    /// Takes in again what was accepted earlier and takes long, under the law of this moment: caller, agreement in its present version,
    /// grant, headers. What it allows is never wider than what was allowed at first.
    /// </summary>
    /// <param name="first">What was admitted when it was handed in.</param>
    /// <param name="facts">What is known of the part that is about to be done; takes the snapshots and what was decided under them.</param>
    public Verdict<Entitlement> Readmit(Entitlement first, ExchangeFacts facts)
    {
        (facts.Registry, facts.Status, facts.Caller, facts.Entitlement) = (law.Current, status.Current, first.Caller, null);
        if (!Recognize(first.Caller, facts.Registry, facts.Status).Allows(out var caller, out var refusal))
            return refusal;
        // The token named a version; what it allows goes on under the one that is law now.
        facts.Caller = caller = caller with
        {
            AgreementReference = facts.Registry.Agreements.GetValueOrDefault(first.Agreement.Id)?.Reference ?? first.Agreement.Reference,
        };
        if (!Admit(caller, OperationOf(first, facts.Registry), facts.Registry, facts.Status).Allows(out var now, out refusal))
            return refusal;
        facts.Entitlement = now = now.Since(first);
        if (now.Granted.Release.IsEmpty && !first.Granted.Release.IsEmpty)
            return new Refusal(Problem.FieldNotAllowed)
            {
                Clause = now.Clause,
                Words = [now.Agreement.Reference, now.Operation.Id],
                Missing = first.Granted.Release,
            };
        return CallHeaders.Again(facts.CaseReference, facts.Agent, facts.ConsentReference, now.Grant) is { } demanded
            ? demanded with
            {
                Clause = now.Clause,
            }
            : now;
    }

    private Verdict<Entitlement> Again(Entitlement first, Registry registry, StatusSnapshot stopped) =>
        Recognize(first.Caller, registry, stopped).Allows(out var caller, out var refusal)
            ? Admit(caller, OperationOf(first, registry), registry, stopped)
            : refusal;

    // Step 1 once more: what the caller showed, then who that is now.
    private Verdict<Caller> Recognize(Caller caller, Registry registry, StatusSnapshot stopped) =>
        caller.Certificate is null
            ? Stops.Again(caller, registry, stopped, Today)
            : certificates.Of(caller.Certificate, stopped) switch
            {
                CertificateStop.None => Stops.Again(caller, registry, stopped, Today),
                CertificateStop.Revoked => new Refusal(Problem.CertificateRevoked)
                {
                    Reason = "on a revocation list, or stopped by operators",
                },
                _ => new Refusal(Problem.CertificateStatusUnknown)
                {
                    RetryAfterSeconds = 30,
                    Reason = "no revocation list in date covers the certificate",
                },
            };

    // One that the contracts no longer know is granted by no agreement: the rules say so.
    private static Operation OperationOf(Entitlement entitlement, Registry registry) =>
        registry.Operations.GetValueOrDefault(entitlement.Operation.Id) ?? entitlement.Operation;

    /// <summary>Reads headers and question as the grant demands, and notes the person.</summary>
    public async ValueTask<Verdict<AccessRequest>> ReadAsync(HttpContext http, Entitlement entitlement, ExchangeFacts facts)
    {
        if (!CallHeaders.Read(http.Request.Headers, entitlement.Grant).Allows(out var headers, out var refusal))
            return refusal with { Clause = entitlement.Clause };
        (facts.Agent, facts.CaseReference, facts.ConsentReference) = (headers.Agent, headers.CaseReference, headers.ConsentReference);
        var limit = entitlement.Operation.Protocol == OperationProtocol.Fhir ? RequestBody.FormBytes : RequestBody.SingleBytes;
        if (!(await RequestBody.ReadAsync(http, limit)).Allows(out var body, out refusal))
            return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        if (
            !Read(entitlement.Registry, entitlement.Operation, entitlement.Agreement, entitlement.Grant, entitlement.Granted, body)
                .Allows(out var request, out refusal)
        )
            return refusal;
        facts.Person = PersonOf(entitlement.Operation.Sector, request.Subject);
        return request;
    }

    /// <summary>The person of a question, with the token of the operation's sector.</summary>
    public Person PersonOf(string sector, DataSubject subject) =>
        new(subject.Scheme, subject.Value, subject.Scheme == "idcs" ? keys.TokenOf(sector, subject.Value) : subject.Value);

    /// <summary>Reads a question under the terms of its grant; of a batch, one line.</summary>
    public Verdict<AccessRequest> Read(
        Registry registry,
        Operation operation,
        Agreement agreement,
        Grant grant,
        GrantedOperation granted,
        ReadOnlyMemory<byte> body
    )
    {
        var verdict = operation.BatchOf is { } single
            ? new BatchReader(registry.Operations[single], grant, granted).Read(body, 1, Today).Request
            : RequestReader.Read(registry, operation, grant, granted, body, Today);
        return verdict.Refusal is { } refusal ? Named(refusal, agreement, grant, operation.Id) : verdict;
    }

    /// <summary>The reader knows the grant; which agreement it stands in is said here.</summary>
    public static Refusal Named(Refusal refusal, Agreement agreement, Grant grant, string operation) =>
        refusal.Problem != Problem.FieldNotAllowed
            ? refusal
            : refusal with
            {
                Clause = $"{agreement.Reference} {grant.Clause}",
                Words = [agreement.Reference, operation],
            };
}
