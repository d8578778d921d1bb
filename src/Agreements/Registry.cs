using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements.Contracts;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Remembered;

namespace Agreements;

/// <summary>
/// Everything that is law at one instant: contracts, institutions, agreements, suspensions. Immutable; a request takes
/// the snapshot once, at its first step, and keeps it (hardening page, section 7).
/// </summary>
public sealed class Registry
{
    /// <summary>Operations by id.</summary>
    public required FrozenDictionary<string, Operation> Operations { get; init; }

    /// <summary>FHIR element table by resource type.</summary>
    public required FrozenDictionary<string, FhirType> FhirTypes { get; init; }

    /// <summary>Institutions by id.</summary>
    public required FrozenDictionary<string, Institution> Institutions { get; init; }

    /// <summary>Clients of all institutions by client id.</summary>
    public required FrozenDictionary<string, Client> Clients { get; init; }

    /// <summary>Agreements by id, one version each.</summary>
    public required FrozenDictionary<string, Agreement> Agreements { get; init; }

    /// <summary>Purposes and what each needs (<c>contracts/reference/purposes.yaml</c>).</summary>
    public FrozenDictionary<string, Purpose> Purposes { get; init; } = FrozenDictionary<string, Purpose>.Empty;

    /// <summary>Titles of legal bases by code (<c>contracts/reference/purposes.yaml</c>).</summary>
    public FrozenDictionary<string, LocalizedText> LegalBases { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;

    /// <summary>Names of qualities by code (<c>contracts/reference/qualities.yaml</c>).</summary>
    public FrozenDictionary<string, LocalizedText> Qualities { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;

    /// <summary>Names of areas by code (<c>contracts/reference/areas.yaml</c>).</summary>
    public FrozenDictionary<string, LocalizedText> Areas { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;

    /// <summary>
    /// The version before the one in <see cref="Agreements"/>, by id, where <c>contracts/former</c> keeps it. It grants nothing.
    /// </summary>
    public FrozenDictionary<string, Agreement> Former { get; init; } = FrozenDictionary<string, Agreement>.Empty;

    /// <summary>The documents of <c>contracts/openapi</c>; null in hand-made registries.</summary>
    internal DocumentSet? Documents { get; init; }

    /// <summary>Suspensions in force (<c>contracts/suspensions.yaml</c>).</summary>
    public required ImmutableArray<Suspension> Suspensions { get; init; }

    /// <summary>Agreements that a party ended before their last day (<c>contracts/suspensions.yaml</c>).</summary>
    public ImmutableArray<Ending> Endings { get; init; } = [];

    /// <summary>The operators' approval under which the set is law; null where there are no operators.</summary>
    public KnownVersion? Approval { get; init; }

    /// <summary>First 16 bytes of the SHA-256 of the whole set, base64url: the <c>pol</c> of every record.</summary>
    public required string Digest { get; init; }

    /// <summary>
    /// The grant that covers a question; null when none does. One lookup, no allocation, the same cost for 10 agreements and 10,000.
    /// It says nothing about being in force: see <see cref="AgreementStatus"/>.
    /// </summary>
    public GrantMatch? FindGrant(string agreementId, string consumer, string purpose, string operationId) =>
        Grants.GetValueOrDefault(new GrantKey(agreementId, consumer, purpose, operationId));

    /// <summary>
    /// The longest time that any grant gives a consumer for an operation: whoever waits longer is refused under every one of them.
    /// </summary>
    /// <param name="consumer">Institution that asks.</param>
    /// <param name="operationId">Operation; null for what no grant names.</param>
    public TimeSpan LongestDeadline(string consumer, string? operationId) =>
        operationId is not null && Deadlines.TryGetValue((consumer, operationId), out var longest) ? longest : Grant.UsualDeadline;

    /// <summary>Agreements in which an institution is the consumer of a grant, in the order of their ids.</summary>
    public ImmutableArray<Agreement> AgreementsOf(string consumer) => Consumers.GetValueOrDefault(consumer, []);

    /// <summary>Agreements to which an institution is a party, in the order of their ids.</summary>
    public ImmutableArray<Agreement> AgreementsWith(string party) => Parties.GetValueOrDefault(party, []);

    // Built at the first question: a snapshot may be asked by many threads at once, each of which would build the same index.
    private FrozenDictionary<GrantKey, GrantMatch> Grants => field ??= GrantMatch.Index(Agreements.Values);

    private FrozenDictionary<(string Consumer, string Operation), TimeSpan> Deadlines =>
        field ??= Grants
            .GroupBy(match => (match.Key.Consumer, match.Key.Operation), match => match.Value.Grant.Deadline)
            .ToFrozenDictionary(group => group.Key, group => group.Max());

    private FrozenDictionary<string, ImmutableArray<Agreement>> Consumers =>
        field ??= Agreements
            .Values.SelectMany(agreement => agreement.Grants.Select(grant => (grant.Consumer, Agreement: agreement)).Distinct())
            .GroupBy(pair => pair.Consumer, pair => pair.Agreement, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.OrderBy(agreement => agreement.Id, StringComparer.Ordinal).ToImmutableArray(),
                StringComparer.Ordinal
            );

    private FrozenDictionary<string, ImmutableArray<Agreement>> Parties =>
        field ??= Agreements
            .Values.SelectMany(agreement => agreement.Parties.Select(party => (Party: party, Agreement: agreement)))
            .GroupBy(pair => pair.Party, pair => pair.Agreement, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.OrderBy(agreement => agreement.Id, StringComparer.Ordinal).ToImmutableArray(),
                StringComparer.Ordinal
            );

    /// <summary>Builds the indexes now, so that the first request after a swap does not pay for them.</summary>
    internal Registry Warmed()
    {
        _ = (Grants, Deadlines, Consumers);
        return this;
    }

    /// <summary>The same law with more stopped.</summary>
    internal Registry Stopping(ImmutableArray<Suspension> suspensions, ImmutableArray<Ending> endings, string digest) =>
        new Registry
        {
            Operations = Operations,
            FhirTypes = FhirTypes,
            Institutions = Institutions,
            Clients = Clients,
            Agreements = Agreements,
            Purposes = Purposes,
            LegalBases = LegalBases,
            Qualities = Qualities,
            Areas = Areas,
            Former = Former,
            Documents = Documents,
            Approval = Approval,
            Suspensions = suspensions,
            Endings = endings,
            Digest = digest,
        }.Warmed();

    /// <summary>Is there a suspension of this institution, client or agreement, begun or to come?</summary>
    public bool IsSuspended(SuspendedKind kind, string id)
    {
        foreach (var suspension in Suspensions)
            if (suspension.Kind == kind && suspension.Id == id)
                return true;
        return false;
    }

    /// <summary>Is it suspended on this civil day? A suspension that begins later does not hold yet.</summary>
    public bool IsSuspended(SuspendedKind kind, string id, DateOnly today) => SuspensionOf(kind, id, today) is not null;

    /// <summary>The suspension that holds on this civil day; null when there is none.</summary>
    public Suspension? SuspensionOf(SuspendedKind kind, string id, DateOnly today)
    {
        foreach (var suspension in Suspensions)
            if (suspension.Kind == kind && suspension.Id == id && suspension.Since <= today)
                return suspension;
        return null;
    }

    /// <summary>The ending of an agreement that holds on this civil day; null when there is none.</summary>
    public Ending? EndingOf(string agreement, DateOnly today)
    {
        foreach (var ending in Endings)
            if (ending.Agreement == agreement && ending.On <= today)
                return ending;
        return null;
    }
}

/// <summary>What can be suspended.</summary>
public enum SuspendedKind
{
    /// <summary>An institution with all its systems.</summary>
    Institution,

    /// <summary>One system.</summary>
    Client,

    /// <summary>An agreement.</summary>
    Agreement,
}

/// <summary>A suspension: a file of its own, so that it does not touch the signed bytes of an agreement.</summary>
/// <param name="Kind">What is suspended.</param>
/// <param name="Id">Its id.</param>
/// <param name="By">Institution that suspended it.</param>
/// <param name="Since">Civil day from which it holds.</param>
public sealed record Suspension(SuspendedKind Kind, string Id, string By, DateOnly Since);

/// <summary>An agreement that a party ended before its last day. It does not come back: a new version is signed instead.</summary>
/// <param name="Agreement">Agreement id.</param>
/// <param name="By">Party that ended it, or the agency.</param>
/// <param name="On">First civil day on which it no longer holds.</param>
/// <param name="Reference">Where the letter is kept.</param>
public sealed record Ending(string Agreement, string By, DateOnly On, string Reference);
