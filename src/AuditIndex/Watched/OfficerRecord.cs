using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger;

namespace AuditIndex.Watched;

/// <summary>What a record of a reading says beside who read.</summary>
/// <param name="Event"><c>officer.view</c>, <c>officer.search</c> or <c>officer.export</c>.</param>
/// <param name="Query">What was asked, canonical; never an identifier or a pseudonym of a person.</param>
/// <param name="Rows">How many rows are shown.</param>
/// <param name="Positions">The positions shown; null when the answer is made of counts.</param>
internal sealed record Reading(string Event, string Query, long Rows, IReadOnlyList<RecordPosition>? Positions)
{
    /// <summary>Digest over the positions shown, one a line; for an export over the bytes.</summary>
    public string? List { get; init; } =
        Positions is null
            ? null
            : Base64Url.EncodeToString(
                SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(Positions.Select(static position => position + "\n"))))
            );

    /// <summary>Id of this record, when another one will refer to it.</summary>
    public string? Id { get; init; }

    /// <summary>Id of the record that this one ends.</summary>
    public string? Reference { get; init; }
}

/// <summary>Writes the <c>officer.*</c> records of readings (ledger page §3.3).</summary>
internal static class OfficerRecord
{
    private const int LongestQuery = 512;

    public static SealedRecord Write(
        string id,
        Reader reader,
        Reading reading,
        IReadOnlyDictionary<string, long> at,
        string det,
        DateTimeOffset now
    ) => RecordText.Write(reading.Event, id, now, json =>
        {
            Text(json, "ref", reading.Reference);
            json.WriteString("off", reader.Officer);
            Text(json, "role", reader.Role);
            Text(json, "sess", reader.Session);
            Text(json, "req", reader.Request);
            Text(json, "q", Shortened(reading.Query));
            json.WriteNumber("rows", reading.Rows);
            if (at.Count > 0)
            {
                json.WriteStartObject("at");
                foreach (var (origin, size) in at.OrderBy(static pair => pair.Key, StringComparer.Ordinal).TakeLast(32))
                {
                    json.WriteNumber(origin, size);
                }

                json.WriteEndObject();
            }

            Text(json, "list", reading.List);
            json.WriteString("det", det);
        });

    /// <summary>A filter longer than a record may hold ends with its digest, so that what was asked can still be compared.</summary>
    private static string Shortened(string query) =>
        query.Length <= LongestQuery
            ? query
            : query[..(LongestQuery - 45)] + "#" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(query)));

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
