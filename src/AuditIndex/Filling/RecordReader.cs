using System.Globalization;
using System.Text.Json;
using AuditIndex.Questions;
using Ledger;

namespace AuditIndex.Filling;

/// <summary>
/// Reads the members that the index keeps. Never fails: a record that says nothing readable becomes a row without members, so nothing
/// that was sealed can be missing from a count. Holds the texts that it met, so that a million records do not mean ten million strings;
/// not safe for several threads.
/// </summary>
internal sealed class RecordReader
{
    private const int MostTexts = 200_000;
    private const int LongestText = 6 * 8192;
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly char[] _buffer = new char[LongestText];

    public IndexedRecord Read(long index, ReadOnlySpan<byte> text)
    {
        var record = new IndexedRecord { Index = index };
        try
        {
            var json = new Utf8JsonReader(text);
            while (json.Read())
            {
                if (json.TokenType == JsonTokenType.PropertyName && json.CurrentDepth == 1)
                {
                    Member(ref json, record);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            record[Dimension.Event] = "unreadable";
        }

        record[Dimension.Event] ??= "unreadable";
        record.Local = LocalTime.Of(record.Time);
        return record;
    }

    private void Member(ref Utf8JsonReader json, IndexedRecord record)
    {
        var name = json.ValueSpan;
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("ev"u8):
                Text(ref json, record, Dimension.Event);
                break;
            case 2 when name.SequenceEqual("id"u8):
                record.ExchangeId = BinaryId.OfUlid(Chars(ref json));
                break;
            case 2 when name.SequenceEqual("ts"u8):
                record.Time = Time(ref json);
                break;
            case 2 when name.SequenceEqual("op"u8):
                Text(ref json, record, Dimension.Operation);
                break;
            case 1 when name[0] == 'n':
                record.Count = Number(ref json) ?? 1;
                break;
            case 3:
                Three(ref json, name, record);
                break;
            case 4:
                Four(ref json, name, record);
                break;
            case 5 when name.SequenceEqual("match"u8):
                Text(ref json, record, Dimension.Match);
                break;
            case 5 when name.SequenceEqual("agent"u8):
                Text(ref json, record, Dimension.Agent);
                break;
            case 6 when name.SequenceEqual("office"u8):
                Text(ref json, record, Dimension.Office);
                break;
            default:
                json.Skip();
                break;
        }
    }

    private void Three(ref Utf8JsonReader json, ReadOnlySpan<byte> name, IndexedRecord record)
    {
        switch (name)
        {
            case [(byte)'o', (byte)'r', (byte)'g']:
                Text(ref json, record, Dimension.Institution);
                break;
            case [(byte)'c', (byte)'l', (byte)'i']:
                Text(ref json, record, Dimension.Client);
                break;
            case [(byte)'o', (byte)'f', (byte)'f']:
                Text(ref json, record, Dimension.Agent);
                break;
            case [(byte)'a', (byte)'g', (byte)'r']:
                Text(ref json, record, Dimension.Agreement);
                break;
            case [(byte)'a', (byte)'c', (byte)'t']:
                Text(ref json, record, Dimension.Act);
                break;
            case [(byte)'f', (byte)'l', (byte)'d']:
                List(ref json, record, Dimension.Fields);
                break;
            case [(byte)'r', (byte)'e', (byte)'f']:
                record.Reference = BinaryId.OfUlid(Chars(ref json));
                break;
            case [(byte)'o', (byte)'u', (byte)'t']:
                record.Outcome = OutcomeOf(Chars(ref json));
                break;
            default:
                json.Skip();
                break;
        }
    }

    private void Four(ref Utf8JsonReader json, ReadOnlySpan<byte> name, IndexedRecord record)
    {
        if (name.SequenceEqual("purp"u8))
            Text(ref json, record, Dimension.Purpose);
        else if (name.SequenceEqual("code"u8))
            Text(ref json, record, Dimension.Code);
        else if (name.SequenceEqual("rule"u8))
            Text(ref json, record, Dimension.Rule);
        else if (name.SequenceEqual("gate"u8))
            Text(ref json, record, Dimension.Gate);
        else if (name.SequenceEqual("terr"u8))
            Text(ref json, record, Dimension.Territory);
        else if (name.SequenceEqual("prov"u8))
            Providers(ref json, record);
        else if (name.SequenceEqual("subj"u8))
            record.Subject = BinaryId.OfPseudonym(Chars(ref json));
        else if (name.SequenceEqual("cref"u8))
            record.CaseReference = BinaryId.OfPseudonym(Chars(ref json));
        else if (name.SequenceEqual("near"u8))
            record.Near = (int?)Number(ref json);
        else
            json.Skip();
    }

    private static Outcome OutcomeOf(ReadOnlySpan<char> text) =>
        text switch
        {
            "permit" => Outcome.Permit,
            "deny" => Outcome.Deny,
            "fault" => Outcome.Fault,
            _ => Outcome.None,
        };

    private void Text(ref Utf8JsonReader json, IndexedRecord record, Dimension dimension)
    {
        var chars = Chars(ref json);
        record[dimension] = chars.IsEmpty ? null : Pooled(chars);
    }

    /// <summary>The value, when it is a text; anything else is passed over and counts as absent.</summary>
    private ReadOnlySpan<char> Chars(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String)
        {
            return _buffer.AsSpan(0, json.CopyString(_buffer));
        }

        json.Skip();
        return [];
    }

    private static long? Number(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Number)
        {
            return json.TryGetInt64(out var value) && value is >= 0 and <= int.MaxValue ? value : null;
        }

        json.Skip();
        return null;
    }

    private long Time(ref Utf8JsonReader json) =>
        DateTimeOffset.TryParseExact(
            Chars(ref json),
            RecordText.TimeFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        ) && time.Year is > 1970 and < 9000
            ? time.ToUnixTimeMilliseconds()
            : 0;

    private void List(ref Utf8JsonReader json, IndexedRecord record, Dimension dimension)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return;
        }

        var length = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String)
            {
                length = Append(ref json, length);
            }
            else
            {
                json.Skip();
            }
        }

        record[dimension] = length == 0 ? null : Pooled(_buffer.AsSpan(0, length));
    }

    private void Providers(ref Utf8JsonReader json, IndexedRecord record)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return;
        }

        var (length, depth) = (0, json.CurrentDepth);
        while (json.Read() && !(json.TokenType == JsonTokenType.EndArray && json.CurrentDepth == depth))
        {
            if (json.TokenType == JsonTokenType.PropertyName && json.CurrentDepth == depth + 2 && json.ValueTextEquals("id"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.String)
                {
                    length = Append(ref json, length);
                }
            }
        }

        record[Dimension.Providers] = length == 0 ? null : Pooled(_buffer.AsSpan(0, length));
    }

    private int Append(ref Utf8JsonReader json, int length)
    {
        if (length > 0)
        {
            _buffer[length++] = ' ';
        }

        return length + json.CopyString(_buffer.AsSpan(length));
    }

    private string Pooled(ReadOnlySpan<char> chars)
    {
        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(chars, out var known))
        {
            return known;
        }

        if (_texts.Count > MostTexts)
        {
            _texts.Clear();
        }

        var text = chars.ToString();
        _texts.Add(text);
        return text;
    }
}
