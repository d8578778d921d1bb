using System.Buffers.Binary;
using System.Buffers.Text;
using Gateway.Authorization;
using Ledger.Subjects;

namespace Gateway.Quotas;

/// <summary>
/// Persons as the records name them: the pseudonym under the quarter's key, so that a person counted in memory and one counted again from
/// the log are the same. A whole civil day counts under the key of the quarter in which it began.
/// </summary>
/// <remarks>
/// Quarters begin at midnight UTC, civil days an hour earlier or not: on the first day of a quarter records name a person under two keys.
/// The second is then given as an alias, under which records read at a start may have counted him.
/// </remarks>
internal sealed class RecordPersons(SubjectKeys keys)
{
    private sealed record DayKeys(int Day, SubjectKey First, SubjectKey? Second);

    private volatile DayKeys? _today;

    /// <summary>The pseudonym that counts a person on a day, and another that records of this day may use.</summary>
    public (UInt128? Person, UInt128? Alias) Of(Person person, QuotaPeriod period)
    {
        var today = _today is { } known && known.Day == period.Day ? known : _today = KeysOf(period);
        return (Value(today.First, person), today.Second is { } second ? Value(second, person) : null);
    }

    /// <summary>The value of a record's <c>subj</c>; null when it is none.</summary>
    public static UInt128? Parse(ReadOnlySpan<byte> subject)
    {
        Span<byte> bytes = stackalloc byte[18];
        return
            subject.Length == 22
            && Base64Url.IsValid(subject)
            && Base64Url.TryDecodeFromUtf8(subject, bytes, out var written)
            && written == 16
            ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
            : null;
    }

    private DayKeys KeysOf(QuotaPeriod period)
    {
        var (first, last) = (SubjectKeys.PeriodOf(period.Starts), SubjectKeys.PeriodOf(period.DayEnds.AddTicks(-1)));
        var current = keys.Current();
        if (first == last || keys.Of(first) is not { } begun)
            return new DayKeys(period.Day, keys.Of(first) ?? current, Second: null);
        return new DayKeys(period.Day, begun, keys.Of(last) ?? current);
    }

    private static UInt128 Value(SubjectKey key, Person person)
    {
        Span<byte> text = stackalloc byte[24];
        var length = System.Text.Encoding.ASCII.GetBytes(key.Of(person.PseudonymType, person.PseudonymValue), text);
        return Parse(text[..length]) ?? throw new InvalidOperationException("a pseudonym has 16 bytes");
    }
}
