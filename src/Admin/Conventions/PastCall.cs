using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Agreements;

namespace Admin.Conventions;

/// <summary>What a record tells of one past call, its hidden decision included (ledger page, sections 3.2 and 3.4).</summary>
internal sealed record PastCall
{
    /// <summary>Where it stands: origin and index.</summary>
    internal required string Position { get; init; }

    /// <summary>Exchange id, by which a decision is found.</summary>
    internal required string Id { get; init; }

    /// <summary>When it was sealed.</summary>
    internal required DateTimeOffset At { get; init; }

    /// <summary>Agreement and version.</summary>
    internal required string Reference { get; init; }

    /// <summary>Operation.</summary>
    internal required string Operation { get; init; }

    /// <summary>System that asked.</summary>
    internal required string Client { get; init; }

    /// <summary>Purpose.</summary>
    internal required string Purpose { get; init; }

    /// <summary>Office; null for most.</summary>
    internal string? Office { get; init; }

    /// <summary>Agent; null when no person asked.</summary>
    internal string? Agent { get; init; }

    /// <summary>Pseudonym of the person; null when the question was not read, or the record stands for several refusals.</summary>
    internal string? Subject { get; init; }

    /// <summary>It carried a case reference.</summary>
    internal bool HasCase { get; init; }

    /// <summary>It carried a consent reference.</summary>
    internal bool HasConsent { get; init; }

    /// <summary>It was answered although the person is out of the office's territory.</summary>
    internal bool OutOfArea { get; init; }

    /// <summary>Why it was refused, towards a partner too; null when it was answered.</summary>
    internal string? Refused { get; init; }

    /// <summary>What was answered; null for what asks nobody about a person, for example a declaration.</summary>
    internal string? Match { get; init; }

    /// <summary>Fields that left.</summary>
    internal ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>How many calls the record stands for.</summary>
    internal long Number { get; init; } = 1;

    /// <summary>Local time, as clauses count it.</summary>
    internal DateTime Local => CivilTime.Local(At);

    /// <summary>Reads a record; null when it is not that of a call under an agreement.</summary>
    /// <param name="origin">Log.</param>
    /// <param name="index">Index in it.</param>
    /// <param name="record">Text of the record.</param>
    internal static PastCall? Read(string origin, long index, JsonElement record)
    {
        if (
            Text(record, "ev") is not ("access" or "deny")
            || Text(record, "agr") is not { } agreement
            || Text(record, "op") is not { } operation
        )
            return null;
        return new PastCall
        {
            Position = string.Create(CultureInfo.InvariantCulture, $"{origin}:{index}"),
            Id = Text(record, "id") ?? "",
            At = DateTimeOffset.Parse(Text(record, "ts")!, CultureInfo.InvariantCulture),
            Reference = agreement,
            Operation = operation,
            Client = Text(record, "cli") ?? "",
            Purpose = Text(record, "purp") ?? "",
            Office = Text(record, "office"),
            Agent = Text(record, "agent"),
            Subject = Text(record, "subj"),
            HasCase = Text(record, "cref") is not null,
            HasConsent = Text(record, "cons") is not null,
            OutOfArea = Text(record, "terr") is not null,
            Refused = Text(record, "ev") == "deny" ? Text(record, "code") ?? "?" : RefusedBy(Text(record, "rule")),
            Match = Text(record, "match"),
            Fields = record.TryGetProperty("fld", out var fields)
                ? [.. fields.EnumerateArray().Select(static field => field.GetString()!)]
                : [],
            Number = record.TryGetProperty("n", out var number) && number.TryGetInt64(out var several) ? several : 1,
        };
    }

    /// <summary>The same call with what its hidden decision says: the partner read NOT_FOUND, the person was out of reach.</summary>
    internal PastCall With(JsonElement decision) =>
        this with
        {
            Refused = RefusedBy(Text(decision, "rule")),
            OutOfArea = OutOfArea || Text(decision, "terr") is not null,
        };

    /// <summary>A text of a record; null when there is none.</summary>
    internal static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    // On a permit a rule says why the answer is NOT_FOUND; those of step 3 are refusals that look like one.
    private static string? RefusedBy(string? rule) =>
        rule switch
        {
            "PER-10" => "dossier-not-open",
            "PER-11" => "population-out-of-scope",
            "PER-12" => "territory-out-of-scope",
            _ => null,
        };
}
