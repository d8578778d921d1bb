using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Notes;

namespace Ledger.Retention;

/// <summary>
/// What remains of a log whose records were destroyed, and may be shown to anybody: a statement; the log's final checkpoint, kept for ever;
/// the <c>erase</c> record in a log that goes on, which carries the statement's digest; and the proof of that record. The signature over the
/// proof's checkpoint is the signature under the statement.
/// </summary>
public sealed class DestructionCertificate
{
    private const string FirstLine = "ledger destruction certificate v1";
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Puts the parts together; <see cref="Holds"/> says whether they belong together.</summary>
    public DestructionCertificate(string statement, string finalCheckpoint, string erase, string proof) =>
        (Statement, FinalCheckpoint, Erase, Proof) = (statement, finalCheckpoint, erase, proof);

    /// <summary>Lines: log, size, root, agreements, until when they were retained, when destroyed, by whom.</summary>
    public string Statement { get; }

    /// <summary>Signed note of the destroyed log.</summary>
    public string FinalCheckpoint { get; }

    /// <summary>The record's exact text.</summary>
    public string Erase { get; }

    /// <summary>Its offline proof (C2SP tlog-proof).</summary>
    public string Proof { get; }

    /// <summary>The statement about a log.</summary>
    public static string State(Checkpoint log, IEnumerable<string> agreements, DateOnly retainedUntil, DateTimeOffset at, string by) => string.Create(
        CultureInfo.InvariantCulture,
        $"{FirstLine}\nlog {log.Origin}\nsize {log.Size}\nroot {log.Root.ToBase64()}\nagreements {string.Join(' ', agreements)}\nretained-until {retainedUntil:yyyy-MM-dd}\ndestroyed {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\nby {by}\n");

    /// <summary>The digest that the <c>erase</c> record carries as <c>dig</c>.</summary>
    public static string DigestOf(string statement) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(statement)));

    /// <summary>Reads the file; false when it is not one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DestructionCertificate? certificate)
    {
        certificate = null;
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            certificate = new DestructionCertificate(Part("statement"), Part("finalCheckpoint"), Part("erase"), Part("proof"));
            return true;

            string Part(string name) => root.GetProperty(name).GetString() ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether everything belongs together under the policy's keys, which name both logs. In one sentence what is proved, or why not.</summary>
    public bool Holds(TrustPolicy policy, out string sentence)
    {
        if (!policy.TryOpen(FinalCheckpoint, out var final, out sentence))
        {
            return false;
        }

        var lines = Statement.Split('\n');
        if (lines.Length < 8 || lines[0] != FirstLine || lines[1] != "log " + final.Origin
            || lines[2] != string.Create(CultureInfo.InvariantCulture, $"size {final.Size}") || lines[3] != "root " + final.Root.ToBase64())
        {
            sentence = "the statement is not about the log of the final checkpoint";
            return false;
        }

        if (!TlogProof.TryParse(Proof, out var proof) || !policy.TryOpen(proof.Note, out var current, out sentence))
        {
            sentence = sentence.Length > 0 ? sentence : "the proof is malformed";
            return false;
        }

        if (current.Origin == final.Origin || !proof.Proves(LeafHash.Of(Encoding.UTF8.GetBytes(Erase)), current) || !IsOf(Erase, DigestOf(Statement)))
        {
            sentence = "the erase record is not proved, or is of another statement";
            return false;
        }

        sentence = $"the {final.Size} records of {final.Origin} were destroyed, as record {proof.Index} of {current.Origin} says; root {final.Root.ToBase64()} stays.";
        return true;
    }

    /// <summary>The text of the file.</summary>
    public override string ToString()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteString("statement", Statement);
            json.WriteString("finalCheckpoint", FinalCheckpoint);
            json.WriteString("erase", Erase);
            json.WriteString("proof", Proof);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static bool IsOf(string record, string digest)
    {
        try
        {
            using var json = JsonDocument.Parse(record);
            return json.RootElement.TryGetProperty("ev", out var kind) && kind.GetString() == "erase"
                && json.RootElement.TryGetProperty("dig", out var dig) && dig.GetString() == digest;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
