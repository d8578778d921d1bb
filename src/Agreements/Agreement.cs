using System.Collections.Immutable;

namespace Agreements;

/// <summary>A convention between institutions: what the gateway enforces and each record names (exchanges page, section 16).</summary>
public sealed class Agreement
{
    /// <summary>Id, stable through versions.</summary>
    public required string Id { get; init; }

    /// <summary>Version; only one is in force.</summary>
    public required int Version { get; init; }

    /// <summary>Title shown in catalogue and refusals.</summary>
    public required LocalizedText Title { get; init; }

    /// <summary>Institutions that are party to it.</summary>
    public required ImmutableArray<string> Parties { get; init; }

    /// <summary>First civil day (Africa/Casablanca) in force.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last civil day in force.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>CNDP authorisation; null when the file names none.</summary>
    public PriorAuthorization? PriorAuthorization { get; init; }

    /// <summary>The paper that this file carries out; null in hand-made agreements only.</summary>
    public PaperText? Text { get; init; }

    /// <summary>Days before <see cref="Until"/> on which the parties are warned.</summary>
    public ImmutableArray<int> WarnDaysBefore { get; init; } = [];

    /// <summary>How long its records stay searchable.</summary>
    public CivilPeriod AuditSearchable { get; init; } = new(12, 0);

    /// <summary>How long its records stay archived.</summary>
    public CivilPeriod AuditArchived { get; init; } = new(60, 0);

    /// <summary>How long batch results rest.</summary>
    public TimeSpan BatchResults { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Quotas over all its grants together; null when the file sets none.</summary>
    public TotalQuotas? Quotas { get; init; }

    /// <summary>Grants.</summary>
    public required ImmutableArray<Grant> Grants { get; init; }

    /// <summary>Every party signed the bytes before <c>signatures:</c> with a registered key.</summary>
    public required bool Signed { get; init; }

    /// <summary>The signatures that the file carries; each one verified when the agreement was loaded.</summary>
    public ImmutableArray<AgreementParty> Signatures { get; init; } = [];

    /// <summary>SHA-256 of the file, lower-case hex.</summary>
    public required string Digest { get; init; }

    /// <summary>SHA-256 of what the parties sign, lower-case hex: the file without its signatures. Empty in hand-made agreements.</summary>
    public string TextDigest { get; init; } = "";

    /// <summary><c>id@version</c>, as it stands in tokens and records.</summary>
    public string Reference => field ??= $"{Id}@{Version}";
}

/// <summary>The paper behind an agreement file.</summary>
/// <param name="Reference">Where it is kept.</param>
/// <param name="Languages">Authoritative languages.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of the paper.</param>
public sealed record PaperText(string Reference, ImmutableArray<string> Languages, string Sha256);

/// <summary>One verified signature under an agreement.</summary>
/// <param name="Institution">Party that signed.</param>
/// <param name="Function">Office held by who signed; never a name.</param>
/// <param name="On">Day of signature.</param>
/// <param name="KeyId">Key id of the institution file.</param>
public sealed record AgreementParty(string Institution, string Function, DateOnly On, string KeyId)
{
    /// <summary>Tells one signature from another, base64url.</summary>
    internal string Identity { get; init; } = "";
}

/// <summary>
/// A civil period of months and days, as retention and contest windows are written (ISO 8601 <c>P1M</c>, <c>P15D</c>, <c>P5Y</c>).
/// </summary>
/// <param name="Months">Months, years included.</param>
/// <param name="Days">Days, weeks included.</param>
public readonly record struct CivilPeriod(int Months, int Days)
{
    /// <summary>The civil day that lies this period after <paramref name="day"/>; a month that is too short gives its last day.</summary>
    public DateOnly After(DateOnly day) => day.AddMonths(Months).AddDays(Days);
}

/// <summary>A window of civil days in which linking runs are permitted, both days inclusive.</summary>
/// <param name="From">First day.</param>
/// <param name="Until">Last day.</param>
public sealed record LinkingWindow(DateOnly From, DateOnly Until);

/// <summary>How a reliable negative can be contested (exchanges page, section 1.10).</summary>
/// <param name="Window">Added to the civil date of the answer.</param>
/// <param name="ReviewDue">Within which the provider decides.</param>
public sealed record ContestTerms(CivilPeriod Window, CivilPeriod ReviewDue);

/// <summary>CNDP prior authorisation.</summary>
/// <param name="Number">Number of the decision.</param>
/// <param name="On">Date of the decision.</param>
/// <param name="Until">Last day on which it is valid.</param>
/// <param name="Purposes">Purposes it covers.</param>
public sealed record PriorAuthorization(string Number, DateOnly On, DateOnly Until, ImmutableArray<string> Purposes);

/// <summary>A header is demanded, allowed, or refused.</summary>
public enum Demand
{
    /// <summary>The header is refused, so that nothing unneeded is collected.</summary>
    None,

    /// <summary>Allowed.</summary>
    Optional,

    /// <summary>Demanded.</summary>
    Required,
}

/// <summary>One consumer, one purpose, its operations.</summary>
public sealed class Grant
{
    /// <summary>Id, unique in the file.</summary>
    public required string Id { get; init; }

    /// <summary>Article of the paper.</summary>
    public required string Clause { get; init; }

    /// <summary>Purpose code.</summary>
    public required string Purpose { get; init; }

    /// <summary>Codes of the legal bases.</summary>
    public required ImmutableArray<string> LegalBasis { get; init; }

    /// <summary>Institution that asks.</summary>
    public required string Consumer { get; init; }

    /// <summary>Institution that answers.</summary>
    public required string Provider { get; init; }

    /// <summary>Which of the consumer's systems; empty means all.</summary>
    public ImmutableArray<string> Clients { get; init; } = [];

    /// <summary>Sources in the order in which they are asked.</summary>
    public required ImmutableArray<Source> Sources { get; init; }

    /// <summary>Identifier schemes that the consumer may send.</summary>
    public required ImmutableArray<string> SubjectSchemes { get; init; }

    /// <summary>Demand for <c>Case-Reference</c>.</summary>
    public Demand CaseReference { get; init; }

    /// <summary>Demand for <c>Agent</c>.</summary>
    public Demand Agent { get; init; }

    /// <summary>Demand for <c>Consent-Reference</c>.</summary>
    public Demand Consent { get; init; }

    /// <summary>Who may be asked about.</summary>
    public required Population Population { get; init; }

    /// <summary>Provinces: empty means all.</summary>
    public ImmutableArray<string> Provinces { get; init; } = [];

    /// <summary>Only the province of the caller's office.</summary>
    public bool OfficeProvinceOnly { get; init; }

    /// <summary>A territorial caller may open access outside its province with a reason (exchanges page, section 10).</summary>
    public bool BreakGlass { get; init; }

    /// <summary>When linking runs may be made; null for never.</summary>
    public LinkingWindow? Linking { get; init; }

    /// <summary>When calls are answered, in <c>Africa/Casablanca</c>; empty means always.</summary>
    public ImmutableArray<OpenHours> Hours { get; init; } = [];

    /// <summary>Contest of negatives; null when the grant opens none.</summary>
    public ContestTerms? Contest { get; init; }

    /// <summary>Age beyond which data is stale (a month counts as 30 days); null when the grant does not say.</summary>
    public TimeSpan? Freshness { get; init; }

    /// <summary>Largest answer of a provider, bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 65536;

    /// <summary>Time for the whole exchange where a grant states none.</summary>
    public static TimeSpan UsualDeadline { get; } = TimeSpan.FromSeconds(8);

    /// <summary>Time for the whole exchange.</summary>
    public TimeSpan Deadline { get; init; } = UsualDeadline;

    /// <summary>Lines of one batch at most.</summary>
    public int MaxBatchLines { get; init; } = 5000;

    /// <summary>Quotas.</summary>
    public required QuotaTerms Quotas { get; init; }

    /// <summary>The caller's case reference is sent on.</summary>
    public bool ForwardCaseReference { get; init; }

    /// <summary>Operations with what they release.</summary>
    public required ImmutableArray<GrantedOperation> Operations { get; init; }

    /// <summary>Finds an operation of this grant; null when it is not granted.</summary>
    public GrantedOperation? Find(string operationId)
    {
        foreach (var operation in Operations)
            if (operation.Id == operationId)
                return operation;
        return null;
    }
}

/// <summary>A source that is asked.</summary>
/// <param name="Code">Source code.</param>
/// <param name="Institution">Institution that holds it.</param>
/// <param name="Under">Agreement id that covers this leg; null for the grant's own.</param>
public sealed record Source(string Code, string Institution, string? Under);

/// <summary>Who may be asked about (exchanges page, section 1.9).</summary>
/// <param name="Gate">open-dossier, own-placement or none.</param>
/// <param name="DeclaredBy">Institution that declares the dossiers; null without gate.</param>
/// <param name="Qualities">Qualities that count.</param>
public sealed record Population(string Gate, string? DeclaredBy, ImmutableArray<string> Qualities);

/// <summary>
/// Quotas of an agreement as a whole: over all its purposes, systems and offices, beside those of each grant. Null means unbounded.
/// </summary>
/// <param name="PerDay">Persons a civil day.</param>
/// <param name="PerMonth">Persons a civil month.</param>
public sealed record TotalQuotas(long? PerDay, long? PerMonth)
{
    /// <summary>Every quota of the agreement as a whole, by the name that refusals and the catalogue use.</summary>
    public IEnumerable<(string Name, long Limit)> Stated()
    {
        if (PerDay is { } day)
            yield return ("agreementPerDay", day);
        if (PerMonth is { } month)
            yield return ("agreementPerMonth", month);
    }
}

/// <summary>Quotas of a grant; null means unbounded (exchanges page, section 1.15).</summary>
public sealed record QuotaTerms
{
    /// <summary>Persons a civil day.</summary>
    public long? PerDay { get; init; }

    /// <summary>Persons a civil month.</summary>
    public long? PerMonth { get; init; }

    /// <summary>Calls a second.</summary>
    public required int BurstPerSecond { get; init; }

    /// <summary>Calls about one person a day.</summary>
    public int? PerSubjectPerDay { get; init; }

    /// <summary>Calls of one agent a day.</summary>
    public int? PerAgentPerDay { get; init; }

    /// <summary>Answers NOT_FOUND a day.</summary>
    public long? MissesPerDay { get; init; }

    /// <summary>Calls of one territorial office a day.</summary>
    public int? PerOfficePerDay { get; init; }

    /// <summary>Distinct persons a day.</summary>
    public long? PersonsPerDay { get; init; }

    /// <summary>
    /// By how many the misses of one calling system may exceed what its matches pay for, a day. Where numbers can be tried one after the
    /// other it is <see cref="EnumerationAllowance"/> unless the agreement says otherwise; null for tokens, which nobody can guess.
    /// </summary>
    public long? MissAllowance { get; init; }

    /// <summary>
    /// Misses that one person met for the first time today pays for: 1 where most persons asked about are known, more for a sparse source.
    /// </summary>
    public int MissesPerMatch { get; init; } = 1;

    /// <summary>Batches that may be open at once.</summary>
    public int? OpenBatches { get; init; }

    /// <summary>The allowance of grants that admit numbers and state none: an enumerator is stopped within 100 misses.</summary>
    public const int EnumerationAllowance = 100;

    /// <summary>Every quota that bounds something, by its name in the agreement, in the order in which people read them.</summary>
    public IEnumerable<(string Name, long Limit)> Stated()
    {
        (string Name, long? Limit)[] all =
        [
            ("perDay", PerDay),
            ("perMonth", PerMonth),
            ("personsPerDay", PersonsPerDay),
            ("perSubjectPerDay", PerSubjectPerDay),
            ("perAgentPerDay", PerAgentPerDay),
            ("perOfficePerDay", PerOfficePerDay),
            ("missesPerDay", MissesPerDay),
            ("missAllowance", MissAllowance),
            ("missesPerMatch", MissesPerMatch),
            ("burstPerSecond", BurstPerSecond),
            ("openBatches", OpenBatches),
        ];
        foreach (var (name, limit) in all)
            if (limit is { } bound)
                yield return (name, bound);
    }

    /// <summary>Does a quota look at single persons?</summary>
    public bool CountsPersons => PerSubjectPerDay is not null || PersonsPerDay is not null || MissAllowance is not null;
}

/// <summary>An operation of a grant.</summary>
/// <param name="Id">Operation id.</param>
/// <param name="Release">Dotted paths that leave; for FHIR, element paths under the resource.</param>
/// <param name="Codes">FHIR only: codes that may leave, by path of the coding array.</param>
/// <param name="Search">FHIR only: search parameters that may be sent.</param>
public sealed record GrantedOperation(
    string Id,
    ImmutableArray<string> Release,
    ImmutableDictionary<string, ImmutableArray<AllowedCode>> Codes,
    ImmutableArray<string> Search
)
{
    /// <summary>The same, without the paths and codes that <paramref name="other"/> does not release; itself when there are none.</summary>
    public GrantedOperation Within(GrantedOperation other)
    {
        var (release, codes) = (Release.RemoveAll(path => !other.Release.Contains(path)), Codes);
        foreach (var (path, allowed) in Codes)
        {
            if (!other.Codes.TryGetValue(path, out var theirs))
                continue;
            codes = codes.SetItem(path, allowed.RemoveAll(code => !theirs.Contains(code)));
        }

        var isSame = release.Length == Release.Length && codes.All(pair => pair.Value.Length == Codes[pair.Key].Length);
        return isSame ? this : this with { Release = release, Codes = codes };
    }
}

/// <summary>A code that may leave.</summary>
/// <param name="System">Code system.</param>
/// <param name="Code">Code.</param>
public sealed record AllowedCode(string System, string Code);
