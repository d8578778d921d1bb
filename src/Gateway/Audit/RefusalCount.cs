using System.Net;
using Gateway.Problems;
using Ledger;

namespace Gateway.Audit;

/// <summary>
/// What makes refusals identical: system, operation, code and rule; the agreement and purpose, so that a record names one.
/// </summary>
/// <param name="Client">System that called; empty before it is known.</param>
/// <param name="Operation">Operation; null while the path is unknown.</param>
/// <param name="Code">Problem code.</param>
/// <param name="Rule">Rule that decided.</param>
/// <param name="Agreement">Agreement that the token names.</param>
/// <param name="Purpose">Purpose that the token names.</param>
/// <param name="Person">
/// The person, where the refusal depends on him: whom somebody tried to read about must not vanish in a count. Lives for two seconds, in
/// memory.
/// </param>
internal readonly record struct RefusalKind(
    string Client,
    string? Operation,
    string Code,
    string Rule,
    string? Agreement,
    string? Purpose,
    string? Person
)
{
    /// <summary>Refusals that depend on the person.</summary>
    private static readonly Problem[] Personal =
    [
        Problem.DossierNotOpen,
        Problem.PopulationOutOfScope,
        Problem.TerritoryOutOfScope,
        Problem.SubjectQuotaExhausted,
    ];

    /// <summary>The kind of a refusal.</summary>
    public static RefusalKind Of(ExchangeFacts facts, Refusal refusal) =>
        new(
            facts.Caller?.Client.Id ?? "",
            facts.Operation,
            refusal.Problem.Code,
            refusal.Rule,
            facts.Caller?.AgreementReference,
            facts.Caller?.Purpose,
            IsPersonal(refusal) ? facts.Person?.SectorToken : null
        );

    /// <summary>
    /// May the refusal share a record? Not when an institution was asked or is at fault, for the record says who was asked about whom; not
    /// when it ends a write whose intent is sealed; not when the gateway itself failed.
    /// </summary>
    public static bool MayShare(ExchangeFacts facts, Refusal refusal) =>
        facts.Legs.Length == 0 && refusal.Provider is null && facts.About is null && refusal.Problem != Problem.InternalFault;

    /// <summary>Does the refusal depend on the person?</summary>
    public static bool IsPersonal(Refusal refusal) => Array.IndexOf(Personal, refusal.Problem) >= 0;

    /// <summary>Never the person: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => Code;
}

/// <summary>Where a refusal is recorded.</summary>
/// <param name="count">Refusals like it.</param>
/// <param name="shared">Id of the record that it shares; null when it gets its own.</param>
internal sealed class RefusalPlace(RefusalCount count, string? shared)
{
    /// <summary>Id of the record that it shares with others, sealed when the second ends; null when it gets its own.</summary>
    public string? Shared { get; } = shared;

    /// <summary>Its own record is durable: from now on others like it may be counted.</summary>
    public void Sealed() => count.Sealed();
}

/// <summary>Identical refusals of one second. Thread-safe.</summary>
/// <param name="each">How many of them get a record each.</param>
internal sealed class RefusalCount(int each)
{
    private readonly Lock _gate = new();
    private CountedRefusals? _group;
    private int _begun,
        _sealed;
    private bool _ended;

    /// <summary>Adds one; null when this count has ended.</summary>
    public RefusalPlace? Add(ExchangeFacts facts, Refusal refusal, TimeProvider time)
    {
        lock (_gate)
        {
            if (_ended)
                return null;
            // Before the first is durable nobody knows whether the log takes any.
            if (_begun++ < each || _sealed == 0)
                return new RefusalPlace(this, shared: null);
            return new RefusalPlace(this, Group(facts, refusal, time));
        }
    }

    /// <summary>Adds one that shares a record whatever came before it; the id of that record, or null when this count has ended.</summary>
    public string? Follow(ExchangeFacts facts, Refusal refusal, TimeProvider time)
    {
        lock (_gate)
        {
            if (_ended)
                return null;
            _begun++;
            return Group(facts, refusal, time);
        }
    }

    /// <summary>One of this second is durable.</summary>
    public void Sealed()
    {
        lock (_gate)
            _sealed++;
    }

    private string Group(ExchangeFacts facts, Refusal refusal, TimeProvider time)
    {
        _group = _group?.And(facts, time.GetUtcNow()) ?? CountedRefusals.First(Ulid.New(time), facts, refusal, time.GetUtcNow());
        return _group.Id;
    }

    /// <summary>Ends the second: what was counted in it, and whether nothing at all happened, so that this count is over.</summary>
    public (bool IsIdle, CountedRefusals? Group) End()
    {
        lock (_gate)
        {
            var (idle, group) = (_begun == 0, _group);
            (_begun, _sealed, _group, _ended) = (0, 0, null, idle);
            return (idle, group);
        }
    }
}

/// <summary>Refusals that share one record.</summary>
/// <param name="Id">Id of the record; each of them was told with it.</param>
/// <param name="Facts">What was known of the first.</param>
/// <param name="Refusal">Why.</param>
/// <param name="Number">How many they are.</param>
/// <param name="Until">When the last of them was.</param>
/// <param name="Address">Address of all of them; null when they came from several.</param>
/// <param name="Certificate">Certificate of all of them; null when there were several, or none.</param>
internal sealed record CountedRefusals(
    string Id,
    ExchangeFacts Facts,
    Refusal Refusal,
    int Number,
    DateTimeOffset Until,
    IPAddress? Address,
    string? Certificate
)
{
    /// <summary>The person, where the refusals depend on him: then all are about the same.</summary>
    public Authorization.Person? Person => RefusalKind.IsPersonal(Refusal) ? Facts.Person : null;

    /// <summary>The first of them.</summary>
    public static CountedRefusals First(string id, ExchangeFacts facts, Refusal refusal, DateTimeOffset at) =>
        new(id, facts, refusal, 1, at, facts.Address, facts.CertificateThumbprint);

    /// <summary>One more.</summary>
    public CountedRefusals And(ExchangeFacts facts, DateTimeOffset at) =>
        this with
        {
            Number = Number + 1,
            Until = at,
            Address = Equals(Address, facts.Address) ? Address : null,
            Certificate = Certificate == facts.CertificateThumbprint ? Certificate : null,
        };
}
