using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Gateway.Quotas;

namespace Gateway.Audit;

/// <summary>
/// What the record of an answer, or of refusals that told something about a person, says about the quotas that they were charged to (ledger
/// page, section 3.2).
/// </summary>
internal sealed record ChargedRecord
{
    /// <summary>Exchange id.</summary>
    public required string Id { get; init; }

    /// <summary>Agreement id, without version.</summary>
    public required string Agreement { get; init; }

    /// <summary>Institution that asked.</summary>
    public required string Consumer { get; init; }

    /// <summary>Purpose.</summary>
    public required string Purpose { get; init; }

    /// <summary>Operation.</summary>
    public required string Operation { get; init; }

    /// <summary>System that asked.</summary>
    public required string Client { get; init; }

    /// <summary>Its office; null for most.</summary>
    public string? Office { get; init; }

    /// <summary>Agent; null when no person asked.</summary>
    public string? Agent { get; init; }

    /// <summary>Pseudonym of the person; null when the record names none.</summary>
    public UInt128? Person { get; init; }

    /// <summary>What each call cost.</summary>
    public required Charge Charge { get; init; }

    /// <summary>Calls that the record stands for: more than one where refusals share it.</summary>
    public int Calls { get; init; } = 1;

    /// <summary>Reads a record; null when nothing was charged for what it tells of.</summary>
    public static ChargedRecord? Read(ReadOnlySpan<byte> record)
    {
        // Members stand in a fixed order, kind first: most records of other kinds are passed over without being parsed.
        var refused = record.StartsWith("{\"v\":1,\"ev\":\"deny\""u8);
        if (!refused && !record.StartsWith("{\"v\":1,\"ev\":\"access\""u8))
            return null;
        Span<Range> found = stackalloc Range[Members.Length];
        var present = Find(record, found, refused);
        // What the gate said of the person stands in those refusals only that told of it.
        if (
            !Has(present, refused ? Gate : Match)
            || !Has(present, Id_)
            || !Has(present, Agr)
            || !Has(present, Org)
            || !Has(present, Purp)
            || !Has(present, Op)
            || !Has(present, Cli)
        )
            return null;
        var charge = refused ? Charge.Refused : Charges.Of(Text(record, found, Match));
        if (charge == Charge.Void)
            return null;
        var reference = Text(record, found, Agr);
        return new ChargedRecord
        {
            Id = Text(record, found, Id_),
            Agreement = reference.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? reference[..at] : reference,
            Consumer = Known(record, found, Org),
            Purpose = Known(record, found, Purp),
            Operation = Known(record, found, Op),
            Client = Known(record, found, Cli),
            Office = Has(present, Off) ? Known(record, found, Off) : null,
            Agent = Has(present, Agent_) ? Known(record, found, Agent_) : null,
            Person = Has(present, Subj) ? RecordPersons.Parse(record[found[Subj]]) : null,
            Charge = charge,
            Calls = Has(present, Number) && Utf8Parser.TryParse(record[found[Number]], out int calls, out _) ? calls : 1,
        };
    }

    private const int Id_ = 0,
        Org = 1,
        Cli = 2,
        Agent_ = 3,
        Off = 4,
        Op = 5,
        Purp = 6,
        Agr = 7,
        Subj = 8,
        Match = 9,
        Gate = 10,
        Number = 11;
    private static readonly byte[][] Members =
    [
        .. new[] { "id", "org", "cli", "agent", "office", "op", "purp", "agr", "subj", "match", "gate", "n" }.Select(
            Encoding.ASCII.GetBytes
        ),
    ];

    private static int Find(ReadOnlySpan<byte> record, Span<Range> found, bool refused)
    {
        var reader = new Utf8JsonReader(record);
        var present = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                continue;
            var member = -1;
            // No name is written with escapes; half an escaped pair would be an exception of the reader's.
            for (var i = 0; i < Members.Length && member < 0; i++)
                if (!reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(Members[i]))
                    member = i;
            reader.Read();
            if (member < 0)
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.String)
            {
                // ASCII without escapes, as records are written: the bytes between the quotation marks are the text.
                var start = (int)reader.TokenStartIndex + 1;
                found[member] = start..(start + reader.ValueSpan.Length);
                present |= 1 << member;
            }
            else if (reader.TokenType == JsonTokenType.Number)
            {
                found[member] = (int)reader.TokenStartIndex..((int)reader.TokenStartIndex + reader.ValueSpan.Length);
                present |= 1 << member;
            }

            if (member == Match && !refused)
                break;
        }

        return present;
    }

    private static bool Has(int present, int member) => (present & 1 << member) != 0;

    private static string Text(ReadOnlySpan<byte> record, ReadOnlySpan<Range> found, int member) =>
        Encoding.ASCII.GetString(record[found[member]]);

    // The same few words stand in millions of records.
    private static string Known(ReadOnlySpan<byte> record, ReadOnlySpan<Range> found, int member) =>
        string.Intern(Text(record, found, member));
}
