using System.Collections.Immutable;
using System.Net;
using Agreements;
using Gateway.Admission;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Quotas;
using Tokens.Status;

namespace Gateway.Audit;

/// <summary>
/// What is known about an exchange so far. It grows step by step, so that a refusal is sealed with everything that was known
/// when it was made, and no sealed refusal is anonymous without reason.
/// </summary>
internal sealed class ExchangeFacts
{
    /// <summary>Exchange id, a ULID.</summary>
    public required string Id { get; init; }

    /// <summary>Snapshot under which the exchange is decided: that of its first step, or a newer one that ended it.</summary>
    public required Registry Registry { get; set; }

    /// <summary>What was stopped at once, at the same moment.</summary>
    public required StatusSnapshot Status { get; set; }

    /// <summary>Id of the record that this one is about, when it is about one.</summary>
    public string? About { get; set; }

    /// <summary>Operation asked for; null while the path is unknown.</summary>
    public string? Operation { get; set; }

    /// <summary>SHA-256 of the connection's client certificate, base64url.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Peer address of the connection.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>W3C trace id, 32 hexadecimal digits, when the caller sent one.</summary>
    public string? Trace { get; init; }

    /// <summary>16 random bytes that keep digests from being guessed; they go to the consumer alone, in the receipt.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>SHA-256 of salt and request body, base64url; null until a body was read.</summary>
    public string? RequestDigest { get; set; }

    /// <summary>Who called; null before authentication.</summary>
    public Caller? Caller { get; set; }

    /// <summary>What the caller may ask; null before step 3.</summary>
    public Entitlement? Entitlement { get; set; }

    /// <summary>Person asked about; null before the request was read.</summary>
    public Person? Person { get; set; }

    /// <summary>What the dossier gate said.</summary>
    public string? Gate { get; set; }

    /// <summary><c>Agent</c> header.</summary>
    public string? Agent { get; set; }

    /// <summary><c>Case-Reference</c> header; only its pseudonym is recorded.</summary>
    public string? CaseReference { get; set; }

    /// <summary><c>Consent-Reference</c> header; only its pseudonym is recorded.</summary>
    public string? ConsentReference { get; set; }

    /// <summary>Batch and line number; null outside batches.</summary>
    public (string Id, int Line)? Batch { get; init; }

    /// <summary>What a write did, for example <c>OPEN</c>; null outside writes.</summary>
    public string? Act { get; set; }

    /// <summary>Sources whose turn came, in order; the record names those that were asked.</summary>
    public ImmutableArray<Leg> Legs { get; set; } = [];

    /// <summary>Its share of the quotas; null before step 4.</summary>
    public QuotaLease? Share { get; set; }

    /// <summary>Its turn at the gateway's work; null where none was asked for, as for a batch's lines.</summary>
    public Turn? Turn { get; init; }

    /// <summary>Timestamp at arrival.</summary>
    public required long ArrivedAt { get; init; }

    /// <summary>
    /// The person was looked at and refused: notes what the gate said, and charges it if that tells something about the person.
    /// </summary>
    public Refusal Judged(Refusal refusal)
    {
        Gate = refusal.Gate;
        Share?.Settle(Charges.Of(refusal));
        return refusal;
    }

    /// <summary>The same call's facts for a part of it, which has a record of its own.</summary>
    /// <param name="id">Exchange id of the part.</param>
    /// <param name="batch">Batch and line number.</param>
    /// <param name="began">Timestamp at which it begins.</param>
    public ExchangeFacts Part(string id, (string Id, int Line)? batch, long began) =>
        new()
        {
            Id = id,
            Registry = Registry,
            Status = Status,
            Operation = Operation,
            Address = Address,
            CertificateThumbprint = CertificateThumbprint,
            Trace = Trace,
            Salt = Salt,
            ArrivedAt = began,
            Batch = batch,
            Caller = Caller,
            Entitlement = Entitlement,
            Agent = Agent,
            CaseReference = CaseReference,
            ConsentReference = ConsentReference,
        };
}

/// <summary>One source whose turn came.</summary>
/// <param name="Institution">Institution id.</param>
/// <param name="Source">Source code.</param>
/// <param name="Status">HTTP status it gave, 0 when it gave none.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Under">Agreement of this leg, when it is another than the exchange's.</param>
/// <param name="Digest">Salted digest of the body as received, for providers that take receipts: both sides hold the same.</param>
/// <param name="Sent">Whether the question may have left. If not, the time that was spent counts, but nobody was asked.</param>
/// <param name="Tries">How often it was sent.</param>
internal sealed record Leg(
    string Institution,
    string Source,
    int Status,
    int Milliseconds,
    string? Under,
    string? Digest,
    bool Sent,
    int Tries = 1
);
