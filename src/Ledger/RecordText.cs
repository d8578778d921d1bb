using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Ledger;

/// <summary>
/// How a record begins and is written (ledger page, section 3.1): <c>v</c>, <c>ev</c>, <c>id</c>, <c>ts</c>, then the members of its kind.
/// Records of exchanges, of which there are thousands a second, are written by the gateway into a buffer that it keeps.
/// </summary>
public static class RecordText
{
    /// <summary>Times in records: UTC, to the millisecond, always 24 characters.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A time as records hold it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>A record of <paramref name="kind"/> about this moment, under a new id.</summary>
    /// <param name="kind">Its <c>ev</c>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="members">Writes what stands behind <c>ts</c>.</param>
    /// <exception cref="ArgumentException">Longer than <see cref="SealedRecord.MaxBytes"/>.</exception>
    public static SealedRecord Write(string kind, TimeProvider time, Action<Utf8JsonWriter> members) =>
        Write(kind, Ulid.New(time), time.GetUtcNow(), members);

    /// <summary>A record of <paramref name="kind"/> under an id that is known already.</summary>
    /// <exception cref="ArgumentException">Longer than <see cref="SealedRecord.MaxBytes"/>.</exception>
    public static SealedRecord Write(string kind, string id, DateTimeOffset at, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteString("ev", kind);
            json.WriteString("id", id);
            json.WriteString("ts", Time(at));
            members(json);
            json.WriteEndObject();
        }

        return SealedRecord.Of(buffer.WrittenMemory);
    }
}
