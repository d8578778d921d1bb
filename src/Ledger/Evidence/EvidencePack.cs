using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;
using Wording;

namespace Ledger.Evidence;

/// <summary>
/// Writes an evidence pack (console page §9): records, proofs on one checkpoint for each log, the policy with the keys, a verification
/// script for Python's standard library, and a summary for people in French, Arabic and English. The same request gives the same bytes.
/// </summary>
public static class EvidencePack
{
    /// <summary>Most records in one pack.</summary>
    public const int MostRecords = 5000;

    private static readonly DateTimeOffset OldestInZip = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the ZIP.</summary>
    /// <param name="output">Gets the pack; need not be seekable, is left open.</param>
    /// <param name="request">What it is to hold.</param>
    /// <returns>SHA-256 of <c>SHA256SUMS</c>, 64 hexadecimal digits: what is sealed before the pack is handed over.</returns>
    /// <exception cref="ArgumentException">No record or too many, a record that may not go in, a checkpoint that the policy refuses, a name
    /// that may not be.</exception>
    /// <exception cref="LedgerDamaged">A record does not agree with the log.</exception>
    public static string Write(Stream output, EvidenceRequest request)
    {
        var logs = request.Logs.Select(log => EvidenceLog.Read(log, request)).ToList();
        if (logs.Sum(static log => log.Records.Count) is 0 or > MostRecords)
        {
            throw new ArgumentException($"A pack holds 1 to {MostRecords} records.", nameof(request));
        }

        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            ["policy.txt"] = Encoding.UTF8.GetBytes(request.Policy),
            ["verify_pack.py"] = Resource("verify_pack.py"),
            ["summary.json"] = Summary(logs, request),
        };
        foreach (var log in logs)
        {
            files.Add(log.CheckpointFile, Encoding.UTF8.GetBytes(log.Note));
            foreach (var record in log.Records)
            {
                files.Add(record.EntryFile, record.Entry.Text);
                files.Add(record.ProofFile, Encoding.UTF8.GetBytes(record.Proof));
            }
        }

        foreach (var language in Languages.All)
        {
            files.Add($"README.{language}.html", Encoding.UTF8.GetBytes(EvidencePage.Write(language, logs, request)));
        }

        foreach (var (name, bytes) in request.Attachments)
        {
            files.Add(
                IsAttachment(name)
                    ? name
                    : throw new ArgumentException("An attachment stands under agreements/ or texts/.", nameof(request)),
                bytes
            );
        }

        var sums = string.Concat(
            files.Select(static file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value.Span))}  {file.Key}\n")
        );
        files["SHA256SUMS"] = Encoding.UTF8.GetBytes(sums);
        Zip(output, files, logs.Max(static log => log.At) is var at && at > OldestInZip ? at : OldestInZip);
        return Convert.ToHexStringLower(SHA256.HashData(files["SHA256SUMS"].Span));
    }

    /// <summary>A file that was compiled in.</summary>
    internal static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Ledger.Evidence." + name)
            ?? throw new InvalidOperationException(name + " is not compiled in");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static bool IsAttachment(string name) =>
        (name.StartsWith("agreements/", StringComparison.Ordinal) || name.StartsWith("texts/", StringComparison.Ordinal))
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '/')
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.EndsWith('/');

    private static byte[] Summary(List<EvidenceLog> logs, EvidenceRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            Text(json, "askedBy", request.AskedBy);
            Text(json, "reason", request.Reason);
            Text(json, "query", request.Query);
            json.WriteStartArray("logs");
            logs.ForEach(log => log.Describe(json));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static void Zip(Stream output, SortedDictionary<string, ReadOnlyMemory<byte>> files, DateTimeOffset at)
    {
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, bytes) in files)
        {
            var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = at;
            using var stream = entry.Open();
            stream.Write(bytes.Span);
        }
    }
}

/// <summary>A record as it stands in a pack.</summary>
/// <param name="Entry">Its bytes and leaf.</param>
/// <param name="Proof">Text of its offline proof.</param>
/// <param name="Facts">What summaries tell of it.</param>
/// <param name="Name">Part of its file names: node and position.</param>
internal sealed record EvidenceRecord(LogEntry Entry, string Proof, IReadOnlyDictionary<string, string> Facts, string Name)
{
    public string EntryFile => $"entries/{Name}.json";

    public string ProofFile => $"proofs/{Name}.tlog-proof";
}

/// <summary>One log's part of a pack.</summary>
internal sealed class EvidenceLog
{
    // The end of 2107, with which the times of the format end.
    private const ulong LatestInZip = 4_354_819_198;
    private static readonly string[] Told = ["ev", "id", "ts", "org", "cli", "op", "purp", "agr", "out", "match", "code"];

    private EvidenceLog(Checkpoint checkpoint, string note, string name, IReadOnlyList<EvidenceRecord> records) =>
        (Checkpoint, Note, Name, Records) = (checkpoint, note, name, records);

    public Checkpoint Checkpoint { get; }

    public string Note { get; }

    /// <summary>Year and node, or whatever the origin ends in.</summary>
    public string Name { get; }

    public IReadOnlyList<EvidenceRecord> Records { get; }

    public string CheckpointFile => $"checkpoints/{Name}.note";

    /// <summary>Latest time that a witness states; the epoch without one.</summary>
    public DateTimeOffset At { get; private init; }

    /// <exception cref="ArgumentException">The policy refuses the checkpoint, or a record may not be handed over.</exception>
    public static EvidenceLog Read(EvidenceOf log, EvidenceRequest request)
    {
        var (reader, note) = (log.Reader, log.Reader.Note);
        var policy = request.Trust();
        if (!policy.TryOpen(note, out var checkpoint, out var reason) || !SignedNote.TryParse(note, out var signed))
        {
            throw new ArgumentException($"The pack would not verify: {reason}.", nameof(request));
        }

        var name = string.Join('-', checkpoint.Origin.Split('/')[^Math.Min(2, checkpoint.Origin.Count(static c => c == '/') + 1)..]);
        var records = new List<EvidenceRecord>();
        foreach (var index in log.Indexes.Order().Distinct())
        {
            var entry = reader.Entry(index);
            var facts = Facts(entry.Text);
            if (facts.GetValueOrDefault("ev") == "decision" && !request.AllowsDecisions)
            {
                throw new ArgumentException("A decision record is for officers and inspectors only.", nameof(request));
            }

            records.Add(
                new EvidenceRecord(
                    entry,
                    reader.Proof(index).ToString(),
                    facts,
                    string.Create(CultureInfo.InvariantCulture, $"{name}-{index}")
                )
            );
        }

        return new EvidenceLog(checkpoint, note, name, records) { At = TimeOf(signed, policy) };
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("origin", Checkpoint.Origin);
        json.WriteNumber("size", Checkpoint.Size);
        json.WriteString("root", Checkpoint.Root.ToBase64());
        json.WriteString("checkpoint", CheckpointFile);
        json.WriteStartArray("records");
        foreach (var record in Records)
        {
            json.WriteStartObject();
            json.WriteNumber("index", record.Entry.Index);
            json.WriteString("leaf", record.Entry.Leaf.ToString());
            foreach (var name in Told.Where(record.Facts.ContainsKey))
            {
                json.WriteString(name, record.Facts[name]);
            }

            json.WriteString("entry", record.EntryFile);
            json.WriteString("proof", record.ProofFile);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Dictionary<string, string> Facts(ReadOnlyMemory<byte> record)
    {
        using var json = JsonDocument.Parse(record);
        return Told.Where(name => json.RootElement.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String)
            .ToDictionary(static name => name, name => json.RootElement.GetProperty(name).GetString()!, StringComparer.Ordinal);
    }

    /// <summary>The latest time that a witness of the policy states in its cosignature: the eight bytes behind the key id.</summary>
    private static DateTimeOffset TimeOf(SignedNote note, TrustPolicy policy)
    {
        var text = Encoding.UTF8.GetBytes(note.Text);
        return note
            .Signatures.Where(line =>
                policy.Witnesses.Any(witness => witness.Key.Name == line.Name && witness.Key.VerifyLine(text, line.Bytes.Span))
            )
            .Select(static line =>
                DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(LatestInZip, BinaryPrimitives.ReadUInt64BigEndian(line.Bytes.Span[4..])))
            )
            .DefaultIfEmpty(DateTimeOffset.UnixEpoch)
            .Max();
    }
}
