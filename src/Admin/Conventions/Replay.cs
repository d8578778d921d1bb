using System.Globalization;
using System.Text.Json;
using Agreements;
using Ledger.Tiles;

namespace Admin.Conventions;

/// <summary>Calls with one effect and one cause.</summary>
internal sealed class Replayed
{
    private const int Kept = 20;

    /// <summary>How many.</summary>
    public long Count { get; private set; }
    /// <summary>Positions of the first of them.</summary>
    public List<string> Positions { get; } = [];

    internal void Add(string position)
    {
        Count++;
        if (Positions.Count < Kept) Positions.Add(position);
    }
}

/// <summary>
/// Runs a draft over past calls (console page, section 12). It reads what records say of system, purpose, operation, office, agent and
/// fields; who was asked about it neither needs nor sees, so gates and quotas per person stay as they were.
/// </summary>
internal sealed class Replay(Registry registry, Agreement draft)
{
    // What an agreement decides, without the person: only these may change.
    private static readonly string[] Decided = ["operation-not-covered", "purpose-not-covered", "prior-authorization-missing", "outside-hours", "case-reference-required", "agent-required", "consent-required", "agreement-expired", "agreement-not-in-force"];
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal), _lost = new(StringComparer.Ordinal), _over = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Grant, string Period), long> _volume = [];

    /// <summary>Records read.</summary>
    internal long Read { get; private set; }
    /// <summary>Calls under the agreement among them.</summary>
    internal long Calls { get; private set; }
    /// <summary>Effect → cause → calls.</summary>
    internal SortedDictionary<string, SortedDictionary<string, Replayed>> Outcomes { get; } = new(StringComparer.Ordinal);
    /// <summary>Fields that left and would leave no more.</summary>
    internal IReadOnlyCollection<string> FieldsLost => _lost;
    /// <summary>Fields that the draft releases and that never left.</summary>
    internal IReadOnlyCollection<string> FieldsNeverUsed => [.. draft.Grants.SelectMany(static grant => grant.Operations).SelectMany(static operation => operation.Release).Distinct(StringComparer.Ordinal).Except(_used).Order(StringComparer.Ordinal)];
    /// <summary>Grants and periods in which more was asked than the draft's quota.</summary>
    internal IReadOnlyCollection<string> OverQuota => _over;

    internal void Add(string origin, LogEntry entry, DateTimeOffset since)
    {
        Read++;
        using var record = JsonDocument.Parse(entry.Text);
        var root = record.RootElement;
        if (Text(root, "ev") is not ("access" or "deny") || Text(root, "agr") is not { } reference || !reference.StartsWith(draft.Id + "@", StringComparison.Ordinal)) return;
        var at = DateTimeOffset.Parse(Text(root, "ts")!, CultureInfo.InvariantCulture);
        if (at < since || Text(root, "op") is not { } operation) return;
        Calls++;
        var (was, now) = (Text(root, "ev") == "access" ? null : Text(root, "code"), Judge(root, operation, CivilTime.Local(at), out var released));
        var fields = Fields(root);
        _used.UnionWith(fields);
        if (was is null) Volume(root, operation, DateOnly.FromDateTime(CivilTime.Local(at)));
        var position = string.Create(CultureInfo.InvariantCulture, $"{origin}:{entry.Index}");
        if (was is null && now is not null) Note("newly-refused", now, position);
        else if (was is not null && now is null && Decided.Contains(was)) Note("newly-allowed", was, position);
        else if (was is null && fields.Except(released, StringComparer.Ordinal).ToList() is { Count: > 0 } gone)
        {
            _lost.UnionWith(gone);
            Note("fewer-fields", "", position);
        }
        else Note("unchanged", "", position);
    }

    // The rules of the exchange in their order, as far as a record tells what they look at.
    private string? Judge(JsonElement record, string operation, DateTime local, out IEnumerable<string> released)
    {
        released = [];
        var (client, purpose) = (registry.Clients.GetValueOrDefault(Text(record, "cli") ?? ""), Text(record, "purp") ?? "");
        if (client is null || registry.FindGrant(draft.Id, client.Institution, purpose, operation) is not { } match)
            return draft.Grants.Any(grant => grant.Consumer == client?.Institution && grant.Find(operation) is not null) ? "purpose-not-covered" : "operation-not-covered";
        if (!match.Grant.Clients.IsEmpty && !match.Grant.Clients.Contains(client.Id)) return "operation-not-covered";
        if (AgreementStatus.PriorAuthorizationMissing(registry, draft, purpose, Later(DateOnly.FromDateTime(local)))) return "prior-authorization-missing";
        if (match.Grant.OfficeProvinceOnly && client.Office is null) return "office-not-allowed";
        if (!OpenHours.AreOpen(match.Grant.Hours, local)) return "outside-hours";
        if (match.Grant.CaseReference is Demand.Required && Text(record, "cref") is null) return "case-reference-required";
        if (match.Grant.Agent is Demand.Required && Text(record, "agent") is null) return "agent-required";
        if (match.Grant.Consent is Demand.Required && Text(record, "cons") is null) return "consent-required";
        released = match.Operation.Release;
        return null;
    }

    // A draft begins later than the calls it is tried on: they are judged as if it had begun.
    private DateOnly Later(DateOnly day) => draft.PriorAuthorization is { } prior && day < prior.On ? prior.On : day;

    private void Volume(JsonElement record, string operation, DateOnly day)
    {
        if (registry.Clients.GetValueOrDefault(Text(record, "cli") ?? "") is not { } client || registry.FindGrant(draft.Id, client.Institution, Text(record, "purp") ?? "", operation) is not { Grant: { } grant }) return;
        Count(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), grant.Quotas.PerDay);
        Count(day.ToString("yyyy-MM", CultureInfo.InvariantCulture), grant.Quotas.PerMonth);

        void Count(string period, long? quota)
        {
            var count = _volume[(grant.Id, period)] = _volume.GetValueOrDefault((grant.Id, period)) + 1;
            if (count > quota) _over.Add($"{grant.Id} {period}");
        }
    }

    private void Note(string effect, string cause, string position)
    {
        if (!Outcomes.TryGetValue(effect, out var causes)) Outcomes[effect] = causes = new(StringComparer.Ordinal);
        if (!causes.TryGetValue(cause, out var found)) causes[cause] = found = new();
        found.Add(position);
    }

    private static string[] Fields(JsonElement record) =>
        record.TryGetProperty("fld", out var fields) ? [.. fields.EnumerateArray().Select(static field => field.GetString()!)] : [];

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
