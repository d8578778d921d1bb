using System.Collections.Frozen;

namespace Gateway.Problems;

/// <summary>
/// One line of the closed list of refusals (exchanges page, section 4): a stable code, its HTTP status, the rule that
/// usually decides it, who can fix it, and whether the same bytes may succeed later. Codes are never translated and
/// never reused; a program branches on <see cref="Code"/> alone.
/// </summary>
public sealed class Problem
{
    private static readonly Dictionary<string, Problem> All = new(StringComparer.Ordinal);

    private Problem(string code, int status, string rule, string fixableBy, bool retryable) =>
        (Code, Status, Rule, FixableBy, Retryable) = (code, status, rule, fixableBy, retryable);

    /// <summary>Stable code.</summary>
    public string Code { get; }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>Rule that decides it unless the refusal names another.</summary>
    public string Rule { get; }

    /// <summary>Who can fix it: consumer-developer, consumer-administrator, agreement-officer, provider, gateway-operator, wait.</summary>
    public string FixableBy { get; }

    /// <summary>May the same bytes succeed later without anybody changing anything?</summary>
    public bool Retryable { get; }

    /// <summary>Framing, header or target that the wire gate refuses (hardening.md).</summary>
    public static readonly Problem RequestMalformed = New("request-malformed", 400, "WIR-01", "consumer-developer", false);

    /// <summary>No such path.</summary>
    public static readonly Problem RouteUnknown = New("route-unknown", 404, "WIR-02", "consumer-developer", false);

    /// <summary>Method not allowed.</summary>
    public static readonly Problem MethodNotAllowed = New("method-not-allowed", 405, "WIR-03", "consumer-developer", false);

    /// <summary>Asked for XML or CSV where there is none.</summary>
    public static readonly Problem NotAcceptable = New("not-acceptable", 406, "WIR-04", "consumer-developer", false);

    /// <summary>Content type not supported.</summary>
    public static readonly Problem MediaTypeUnsupported = New("media-type-unsupported", 415, "WIR-05", "consumer-developer", false);

    /// <summary>Single request over 16 KiB.</summary>
    public static readonly Problem BodyTooLarge = New("body-too-large", 413, "WIR-06", "consumer-developer", false);

    /// <summary>Admission limits; deadline nearly spent before forwarding; suspension list older than 60 s.</summary>
    public static readonly Problem Overloaded = New("overloaded", 503, "WIR-07", "wait", true);

    /// <summary>More connections open at once than registered for the client.</summary>
    public static readonly Problem ConnectionLimitReached = New("connection-limit-reached", 429, "WIR-09", "consumer-developer", true);

    /// <summary>A body that is compressed: what is hashed and sealed is what was sent, so no coding is undone. Accept-Encoding says what is
    /// taken.</summary>
    public static readonly Problem ContentEncodingUnsupported = New(
        "content-encoding-unsupported",
        415,
        "WIR-13",
        "consumer-developer",
        false
    );

    /// <summary>The clock of the gateway was set while it ran: nobody else is blamed for what depends on the time.</summary>
    public static readonly Problem ClockOff = New("clock-off", 503, "WIR-14", "gateway-operator", true);

    /// <summary>
    /// The caller closed its connection, or cancelled its batch, before the answer: for the record alone, nobody is there to be told.
    /// </summary>
    public static readonly Problem CallerGone = New("caller-gone", 499, "WIR-10", "consumer-developer", true);

    /// <summary>
    /// The gateway ended a call before the source had its full time: the call's own time was used up on the way, or the gateway stops.
    /// </summary>
    public static readonly Problem Interrupted = New("interrupted", 503, "WIR-11", "wait", true);

    /// <summary>Unknown, expired, other client's.</summary>
    public static readonly Problem CertificateNotAccepted = New("certificate-not-accepted", 401, "AUT-01", "consumer-administrator", false);

    /// <summary>More header lines, or more bytes of them, than are taken.</summary>
    public static readonly Problem HeadersTooLarge = New("headers-too-large", 431, "WIR-12", "consumer-developer", false);

    /// <summary>Access token missing.</summary>
    public static readonly Problem TokenMissing = New("token-missing", 401, "AUT-02", "consumer-developer", false);

    /// <summary>Any defect of the token but those below.</summary>
    public static readonly Problem TokenNotAccepted = New("token-not-accepted", 401, "AUT-03", "consumer-developer", false);

    /// <summary>Fetch a new one.</summary>
    public static readonly Problem TokenExpired = New("token-expired", 401, "AUT-04", "consumer-developer", true);

    /// <summary>Certificate binding or DPoP proof; DPoP-Nonce when one is needed.</summary>
    public static readonly Problem ProofNotAccepted = New("proof-not-accepted", 401, "AUT-05", "consumer-developer", true);

    /// <summary>Agreement version in the token is not the one in force: fetch a new token (authority.md §13).</summary>
    public static readonly Problem TokenOutdated = New("token-outdated", 401, "AUT-06", "consumer-developer", true);

    /// <summary>Client or institution.</summary>
    public static readonly Problem ClientSuspended = New("client-suspended", 403, "AUT-07", "consumer-administrator", false);

    /// <summary>The certificate, or an authority above it, was revoked by its authority or stopped by operators.</summary>
    public static readonly Problem CertificateRevoked = New("certificate-revoked", 401, "AUT-08", "consumer-administrator", false);

    /// <summary>No revocation list in date covers the certificate, and its authority is one whose silence stops.</summary>
    public static readonly Problem CertificateStatusUnknown = New("certificate-status-unknown", 503, "AUT-09", "gateway-operator", true);

    /// <summary>Agreement not in the registry.</summary>
    public static readonly Problem AgreementUnknown = New("agreement-unknown", 403, "AGR-01", "agreement-officer", false);

    /// <summary>Before validity.from, or signatures incomplete.</summary>
    public static readonly Problem AgreementNotInForce = New("agreement-not-in-force", 403, "AGR-02", "wait", true);

    /// <summary>Agreement expired.</summary>
    public static readonly Problem AgreementExpired = New("agreement-expired", 403, "AGR-03", "agreement-officer", false);

    /// <summary>By either party or the gateway's security officer.</summary>
    public static readonly Problem AgreementSuspended = New("agreement-suspended", 403, "AGR-04", "agreement-officer", false);

    /// <summary>CNDP number absent or expired.</summary>
    public static readonly Problem PriorAuthorizationMissing = New(
        "prior-authorization-missing",
        403,
        "AGR-05",
        "agreement-officer",
        false
    );

    /// <summary>Several agreements or purposes cover the scopes; the choices are listed.</summary>
    public static readonly Problem AgreementChoiceRequired = New("agreement-choice-required", 400, "AGR-06", "consumer-developer", false);

    /// <summary>Also when the token lacks the scope.</summary>
    public static readonly Problem OperationNotCovered = New("operation-not-covered", 403, "PER-01", "agreement-officer", false);

    /// <summary>Operation granted, but for another purpose.</summary>
    public static readonly Problem PurposeNotCovered = New("purpose-not-covered", 403, "PER-02", "agreement-officer", false);

    /// <summary>Off by default and not switched on in this deployment.</summary>
    public static readonly Problem OperationDisabled = New("operation-disabled", 403, "PER-03", "gateway-operator", false);

    /// <summary>Fields or FHIR _elements beyond the release.</summary>
    public static readonly Problem FieldNotAllowed = New("field-not-allowed", 403, "PER-04", "agreement-officer", false);

    /// <summary>Case reference required.</summary>
    public static readonly Problem CaseReferenceRequired = New("case-reference-required", 400, "PER-05", "consumer-developer", false);

    /// <summary>Agent id required.</summary>
    public static readonly Problem AgentRequired = New("agent-required", 400, "PER-06", "consumer-developer", false);

    /// <summary>Consent-Reference missing.</summary>
    public static readonly Problem ConsentRequired = New("consent-required", 403, "PER-07", "consumer-administrator", false);

    /// <summary>Client has no office, or the grant not this one.</summary>
    public static readonly Problem OfficeNotAllowed = New("office-not-allowed", 403, "PER-08", "consumer-administrator", false);

    /// <summary>Care institution code is not one of the caller's.</summary>
    public static readonly Problem InstitutionOutOfScope = New("institution-out-of-scope", 403, "PER-09", "consumer-administrator", false);

    /// <summary>Agency clients only; others: NOT_FOUND.</summary>
    public static readonly Problem DossierNotOpen = New("dossier-not-open", 403, "PER-10", "consumer-administrator", false);

    /// <summary>Agency clients only; dossier open, wrong quality.</summary>
    public static readonly Problem PopulationOutOfScope = New("population-out-of-scope", 403, "PER-11", "agreement-officer", false);

    /// <summary>Agency clients only.</summary>
    public static readonly Problem TerritoryOutOfScope = New("territory-out-of-scope", 403, "PER-12", "consumer-administrator", false);

    /// <summary>Outside the days and hours of the grant.</summary>
    public static readonly Problem OutsideHours = New("outside-hours", 403, "PER-13", "wait", true);

    /// <summary>Schema; see errors[].</summary>
    public static readonly Problem RequestInvalid = New("request-invalid", 400, "REQ-01", "consumer-developer", false);

    /// <summary>Form or check digit.</summary>
    public static readonly Problem InvalidIdentifier = New("invalid-identifier", 400, "REQ-02", "consumer-developer", false);

    /// <summary>Identifier scheme not allowed.</summary>
    public static readonly Problem IdentifierSchemeNotAllowed = New(
        "identifier-scheme-not-allowed",
        400,
        "REQ-03",
        "consumer-developer",
        false
    );

    /// <summary>An edu_ token on an employment route.</summary>
    public static readonly Problem WrongSectorToken = New("wrong-sector-token", 400, "REQ-04", "consumer-developer", false);

    /// <summary>FHIR, indicators.</summary>
    public static readonly Problem SearchParameterNotAllowed = New(
        "search-parameter-not-allowed",
        400,
        "REQ-05",
        "consumer-developer",
        false
    );

    /// <summary>Form, or a person's number in Case-Reference.</summary>
    public static readonly Problem HeaderInvalid = New("header-invalid", 400, "REQ-06", "consumer-developer", false);

    /// <summary>School year out of range.</summary>
    public static readonly Problem SchoolYearOutOfRange = New("school-year-out-of-range", 422, "REQ-07", "consumer-developer", false);

    /// <summary>Period out of range.</summary>
    public static readonly Problem PeriodOutOfRange = New("period-out-of-range", 422, "REQ-08", "consumer-developer", false);

    /// <summary>Batch too large.</summary>
    public static readonly Problem BatchTooLarge = New("batch-too-large", 413, "REQ-09", "consumer-developer", false);

    /// <summary>Second line with the same reference.</summary>
    public static readonly Problem DuplicateReference = New("duplicate-reference", 422, "REQ-10", "consumer-developer", false);

    /// <summary>Results asked before COMPLETED.</summary>
    public static readonly Problem BatchNotReady = New("batch-not-ready", 409, "REQ-11", "wait", true);

    /// <summary>Batch results purged.</summary>
    public static readonly Problem BatchPurged = New("batch-purged", 410, "REQ-12", "consumer-developer", false);

    /// <summary>Invalid cursor.</summary>
    public static readonly Problem CursorInvalid = New("cursor-invalid", 400, "REQ-13", "consumer-developer", false);

    /// <summary>Start again without cursor.</summary>
    public static readonly Problem CursorExpired = New("cursor-expired", 410, "REQ-14", "consumer-developer", false);

    /// <summary>Batch, review, referral, placement, dataset: unknown or not the caller's.</summary>
    public static readonly Problem ResourceUnknown = New("resource-unknown", 404, "REQ-15", "consumer-developer", false);

    /// <summary>Idempotency key required.</summary>
    public static readonly Problem IdempotencyKeyRequired = New("idempotency-key-required", 400, "REQ-16", "consumer-developer", false);

    /// <summary>Idempotency key used for another request.</summary>
    public static readonly Problem IdempotencyConflict = New("idempotency-conflict", 409, "REQ-17", "consumer-developer", false);

    /// <summary>Same request in progress.</summary>
    public static readonly Problem IdempotencyInProgress = New("idempotency-in-progress", 409, "REQ-18", "wait", true);

    /// <summary>Event out of order, placement already ended.</summary>
    public static readonly Problem StateConflict = New("state-conflict", 409, "REQ-19", "consumer-developer", false);

    /// <summary>Contest window closed.</summary>
    public static readonly Problem ContestWindowClosed = New("contest-window-closed", 422, "REQ-20", "agreement-officer", false);

    /// <summary>Day or month quota of the grant.</summary>
    public static readonly Problem QuotaExhausted = New("quota-exhausted", 429, "QUO-01", "agreement-officer", true);

    /// <summary>Rate of the grant (QUO-02) or of the client's registration (WIR-08) exceeded.</summary>
    public static readonly Problem RateExceeded = New("rate-exceeded", 429, "QUO-02", "consumer-developer", true);

    /// <summary>Same person too often.</summary>
    public static readonly Problem SubjectQuotaExhausted = New("subject-quota-exhausted", 429, "QUO-03", "wait", true);

    /// <summary>Agent quota exhausted.</summary>
    public static readonly Problem AgentQuotaExhausted = New("agent-quota-exhausted", 429, "QUO-04", "consumer-administrator", true);

    /// <summary>Too many NOT_FOUND; an officer is alerted.</summary>
    public static readonly Problem MissBudgetExhausted = New("miss-budget-exhausted", 429, "QUO-05", "consumer-administrator", true);

    /// <summary>Too many open batches.</summary>
    public static readonly Problem BatchLimitReached = New("batch-limit-reached", 429, "QUO-06", "wait", true);

    /// <summary>Refused, reset, circuit open.</summary>
    public static readonly Problem ProviderUnavailable = New("provider-unavailable", 503, "FWD-01", "provider", true);

    /// <summary>Declared window.</summary>
    public static readonly Problem ProviderClosed = New("provider-closed", 503, "FWD-02", "wait", true);

    /// <summary>Provider said 429 or 503.</summary>
    public static readonly Problem ProviderBusy = New("provider-busy", 503, "FWD-03", "wait", true);

    /// <summary>Provider did not answer in time.</summary>
    public static readonly Problem ProviderTimeout = New("provider-timeout", 504, "FWD-04", "provider", true);

    /// <summary>Provider said 401 or 403 to the gateway.</summary>
    public static readonly Problem ProviderRefused = New("provider-refused", 502, "FWD-05", "provider", false);

    /// <summary>Provider error.</summary>
    public static readonly Problem ProviderError = New("provider-error", 502, "FWD-06", "provider", true);

    /// <summary>Provider answer does not match the contract.</summary>
    public static readonly Problem ProviderInvalidAnswer = New("provider-invalid-answer", 502, "MIN-01", "provider", false);

    /// <summary>Provider answer too large.</summary>
    public static readonly Problem ProviderAnswerTooLarge = New("provider-answer-too-large", 502, "MIN-02", "provider", false);

    /// <summary>The answer is about somebody else.</summary>
    public static readonly Problem ProviderWrongSubject = New("provider-wrong-subject", 502, "MIN-03", "provider", false);

    /// <summary>FHIR modifierExtension or implicitRules.</summary>
    public static readonly Problem ProviderModifierRefused = New("provider-modifier-refused", 502, "MIN-04", "provider", false);

    /// <summary>Aggregate table breaks a suppression rule.</summary>
    public static readonly Problem DisclosureControlFailed = New("disclosure-control-failed", 502, "MIN-05", "provider", false);

    /// <summary>No seat in the ledger: nothing was asked; or record not durable: nothing is released.</summary>
    public static readonly Problem LedgerUnavailable = New("ledger-unavailable", 503, "AUD-01", "gateway-operator", true);

    /// <summary>Any exception.</summary>
    public static readonly Problem InternalFault = New("internal-fault", 500, "FLT-01", "gateway-operator", false);

    /// <summary>The whole list by code.</summary>
    public static FrozenDictionary<string, Problem> ByCode { get; } = All.ToFrozenDictionary(StringComparer.Ordinal);

    private static Problem New(string code, int status, string rule, string fixableBy, bool retryable)
    {
        var problem = new Problem(code, status, rule, fixableBy, retryable);
        All.Add(code, problem);
        return problem;
    }
}
