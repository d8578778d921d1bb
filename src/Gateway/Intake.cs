using System.Security.Cryptography;
using Agreements;
using Agreements.Contracts;
using Agreements.Identifiers;
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
using Tokens.Status;
using Tokens.Transport;

namespace Gateway;

/// <summary>Takes a request in: its id and salt, then its headers, body and person, in the order in which they are refused.</summary>
internal sealed class Intake(RegistryWatcher law, ITokenStatus status, SectorKeys keys, Arrivals arrivals, ClockWatch clock, TimeProvider time)
{
    /// <summary>Civil day in Africa/Casablanca.</summary>
    public DateOnly Today => CivilTime.Today(time);

    /// <summary>Wall-clock time in Africa/Casablanca.</summary>
    public DateTime Now => CivilTime.Local(time.GetUtcNow());

    /// <summary>Was the gateway's clock set, so that nothing that depends on the time may be decided?</summary>
    public bool ClockIsOff => clock.IsOff;

    /// <summary>Begins an exchange: takes the snapshots of law and status that it keeps to its end.</summary>
    public ExchangeFacts Begin(HttpContext http, string? operation)
    {
        var salt = new byte[16];
        RandomNumberGenerator.Fill(salt);
        return new ExchangeFacts
        {
            Id = Ulid.New(time),
            Registry = law.Current,
            Status = status.Current,
            Operation = operation,
            Address = http.Connection.RemoteIpAddress,
            CertificateThumbprint = PresentedCertificate.Of(http)?.X5tS256,
            Trace = TraceOf(http.Request.Headers.TraceParent),
            Salt = salt,
            Turn = http.Turn(),
            ArrivedAt = http.Turn()?.ArrivedAt ?? time.GetTimestamp(),
        };
    }

    /// <summary>Step 1 is over: holds the caller to its own limits where its connection did not name it, and passes it on unless it is stopped.</summary>
    public async ValueTask<Verdict<Caller>> PassAsync(HttpContext http, Caller caller, ExchangeFacts facts)
    {
        facts.Caller = caller;
        return (await arrivals.ProvenAsync(http, caller)).Allows(out _, out var refusal) ? Stops.Pass(caller, facts.Registry, facts.Status, Today) : refusal;
    }

    /// <summary>Why a batch that was accepted earlier may go on no longer; null while it may. Asked before each chunk.</summary>
    public Refusal? Stopped(Caller caller, Agreement agreement)
    {
        var (registry, now) = (law.Current, status.Current);
        if (!Stops.Pass(caller, registry, now, Today).Allows(out _, out var refusal)) return refusal;
        return Stops.IsStopped(agreement, registry, now, Today) ? new Refusal(Problem.AgreementSuspended) { Clause = agreement.Reference, Words = [agreement.Reference] } : null;
    }

    /// <summary>Reads headers and question as the grant demands, and notes the person.</summary>
    public async ValueTask<Verdict<AccessRequest>> ReadAsync(HttpContext http, Entitlement entitlement, ExchangeFacts facts)
    {
        if (!CallHeaders.Read(http.Request.Headers, entitlement.Grant).Allows(out var headers, out var refusal)) return refusal with { Clause = entitlement.Clause };
        (facts.Agent, facts.CaseReference, facts.ConsentReference) = (headers.Agent, headers.CaseReference, headers.ConsentReference);
        var limit = entitlement.Operation.Protocol == OperationProtocol.Fhir ? RequestBody.FormBytes : RequestBody.SingleBytes;
        if (!(await RequestBody.ReadAsync(http, limit)).Allows(out var body, out refusal)) return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        if (!Read(entitlement.Registry, entitlement.Operation, entitlement.Agreement, entitlement.Grant, entitlement.Granted, body).Allows(out var request, out refusal)) return refusal;
        facts.Person = PersonOf(entitlement.Operation.Sector, request.Subject);
        return request;
    }

    /// <summary>The person of a question, with the token of the operation's sector.</summary>
    public Person PersonOf(string sector, DataSubject subject) =>
        new(subject.Scheme, subject.Value, subject.Scheme == "idcs" ? keys.TokenOf(sector, subject.Value) : subject.Value);

    /// <summary>Reads a question under the terms of its grant; of a batch, one line.</summary>
    public Verdict<AccessRequest> Read(Registry registry, Operation operation, Agreement agreement, Grant grant, GrantedOperation granted, ReadOnlyMemory<byte> body)
    {
        var verdict = operation.BatchOf is { } single ? new BatchReader(registry.Operations[single], grant, granted).Read(body, 1, Today).Request
            : RequestReader.Read(registry, operation, grant, granted, body, Today);
        return verdict.Refusal is { } refusal ? Named(refusal, agreement, grant, operation.Id) : verdict;
    }

    /// <summary>The reader knows the grant; which agreement it stands in is said here.</summary>
    public static Refusal Named(Refusal refusal, Agreement agreement, Grant grant, string operation) =>
        refusal.Problem != Problem.FieldNotAllowed ? refusal : refusal with { Clause = $"{agreement.Reference} {grant.Clause}", Words = [agreement.Reference, operation] };

    // version-traceid-parentid-flags (W3C Trace Context, section 3.2); anything else is no trace. The caller chooses these digits: what could be
    // a person's number is not kept. One random trace in fifty looks like one too, and is lost with them.
    private static string? TraceOf(string? traceparent) =>
        traceparent is { Length: 55 } && traceparent[2] == '-' && traceparent[35] == '-'
        && !traceparent.AsSpan(3, 32).ContainsAnyExcept("0123456789abcdef") && !PersonNumber.IsIn(traceparent.AsSpan(3, 32)) ? traceparent.Substring(3, 32) : null;
}
