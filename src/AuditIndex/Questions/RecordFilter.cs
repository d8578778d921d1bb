using System.Globalization;
using System.Text;
using Ledger;

namespace AuditIndex.Questions;

/// <summary>The parameters of console page §4, each absent or one value; all given ones must hold.</summary>
public sealed record RecordFilter
{
    /// <summary>Not before.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Kind of event, or all of a prefix (<c>officer.*</c>).</summary>
    public string? Event { get; init; }

    /// <summary>Consumer institution.</summary>
    public string? Institution { get; init; }

    /// <summary>System (client id).</summary>
    public string? Client { get; init; }

    /// <summary>Staff pseudonym or officer.</summary>
    public string? Agent { get; init; }

    /// <summary>Office.</summary>
    public string? Office { get; init; }

    /// <summary>Operation.</summary>
    public string? Operation { get; init; }

    /// <summary>Purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>Agreement id@version.</summary>
    public string? Agreement { get; init; }

    /// <summary>A released path.</summary>
    public string? Field { get; init; }

    /// <summary>An institution that was asked.</summary>
    public string? Provider { get; init; }

    /// <summary>What came out.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Refusals and faults only.</summary>
    public bool Refused { get; init; }

    /// <summary>Problem code.</summary>
    public string? Code { get; init; }

    /// <summary>Rule.</summary>
    public string? Rule { get; init; }

    /// <summary><c>matchStatus</c>.</summary>
    public string? Match { get; init; }

    /// <summary>Gate.</summary>
    public string? Gate { get; init; }

    /// <summary>Reason code of an answer outside the territory.</summary>
    public string? Territory { get; init; }

    /// <summary>Local hour of the week, 0 = Monday from midnight to one.</summary>
    public int? HourOfWeek { get; init; }

    /// <summary>Origin of one log.</summary>
    public string? Log { get; init; }

    /// <summary>Freezes the view: of each log named only records below this size.</summary>
    public IReadOnlyDictionary<string, long> At { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Persons, by pseudonym. Set by a search alone; never shown and never sealed.</summary>
    internal IReadOnlyList<SubjectPseudonym>? Subjects { get; init; }

    /// <summary>
    /// The filter in one line, members in a fixed order: what a sealed view says was asked. Holds no pseudonym of a person.
    /// </summary>
    public string Canonical()
    {
        var text = new StringBuilder();
        Add("from", From is { } from ? RecordText.Time(from) : null);
        Add("to", To is { } to ? RecordText.Time(to) : null);
        Add("event", Event);
        Add("institution", Institution);
        Add("client", Client);
        Add("agent", Agent);
        Add("office", Office);
        Add("operation", Operation);
        Add("purpose", Purpose);
        Add("agreement", Agreement);
        Add("field", Field);
        Add("provider", Provider);
        Add("outcome", Outcome?.ToString().ToLowerInvariant());
        Add("refused", Refused ? "true" : null);
        Add("code", Code);
        Add("rule", Rule);
        Add("match", Match);
        Add("gate", Gate);
        Add("territory", Territory);
        Add("hour", HourOfWeek?.ToString(CultureInfo.InvariantCulture));
        Add("log", Log);
        return text.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}

/// <summary>A pseudonym and the quarter under whose key it was made.</summary>
/// <param name="Period">Quarter, <c>2026q4</c>.</param>
/// <param name="Value">22 characters.</param>
internal readonly record struct SubjectPseudonym(string Period, string Value);
