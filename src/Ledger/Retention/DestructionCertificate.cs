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
/// the <c>erase</c> record in a log that goes on, which carries the statement's digest; and the proof of that record. The signature over
/// the proof's checkpoint is the signature under the statement.
/// </summary>
public sealed class DestructionCertificate
{
    private const string FirstLine = "ledger destruction certificate v1";
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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
    public static string State(Checkpoint log, IEnumerable<string> agreements, DateOnly retainedUntil, DateTimeOffset at, string by) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{FirstLine}\nlog {log.Origin}\nsize {log.Size}\nroot {log.Root.ToBase64()}\nagreements {string.Join(' ', agreements)}\nretained-until {retainedUntil:yyyy-MM-dd}\ndestroyed {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\nby {by}\n"
        );

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

    /// <summary>
    /// Whether everything belongs together under the policy's keys, which name both logs. In one sentence what is proved, or why not.
    /// </summary>
    public bool Holds(TrustPolicy policy, out string sentence)
    {
        var verdict = Judge(policy);
        var (final, current) = (verdict.Final, verdict.Current);
        sentence = verdict.Fault switch
        {
            CertificateFault.None => $"the {final!.Size} records of {final.Origin} were destroyed, "
                + $"as record {verdict.Record} of {current!.Origin} says; root {final.Root.ToBase64()} stays.",
            CertificateFault.Note => verdict.Reason,
            CertificateFault.OtherLog => "the statement is not about the log of the final checkpoint",
            CertificateFault.ProofMalformed => "the proof is malformed",
            _ => "the erase record is not proved, or is of another statement",
        };
        return verdict.Fault == CertificateFault.None;
    }

    /// <summary>As <see cref="Holds"/>, for whoever says it in other words.</summary>
    public CertificateVerdict Judge(TrustPolicy policy)
    {
        if (policy.FaultOf(FinalCheckpoint, out var final) is { } wrong)
            return Refused(wrong, policy, FinalCheckpoint);
        var lines = Statement.Split('\n');
        if (
            lines.Length < 8
            || lines[0] != FirstLine
            || lines[1] != "log " + final!.Origin
            || lines[2] != string.Create(CultureInfo.InvariantCulture, $"size {final.Size}")
            || lines[3] != "root " + final.Root.ToBase64()
        )
        {
            return new(CertificateFault.OtherLog);
        }

        if (!TlogProof.TryParse(Proof, out var proof))
            return new(CertificateFault.ProofMalformed);
        if (policy.FaultOf(proof.Note, out var current) is { } other)
            return Refused(other, policy, proof.Note);
        return
            current!.Origin == final.Origin
            || !proof.Proves(LeafHash.Of(Encoding.UTF8.GetBytes(Erase)), current)
            || !IsOf(Erase, DigestOf(Statement))
            ? new(CertificateFault.Unproved)
            : new CertificateVerdict(CertificateFault.None)
            {
                Final = final,
                Current = current,
                Record = proof.Index,
            };
    }

    private static CertificateVerdict Refused(DamageKind kind, TrustPolicy policy, string note)
    {
        policy.TryOpen(note, out _, out var reason);
        return new CertificateVerdict(CertificateFault.Note) { Note = kind, Reason = reason };
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
            return json.RootElement.TryGetProperty("ev", out var kind)
                && kind.GetString() == "erase"
                && json.RootElement.TryGetProperty("dig", out var dig)
                && dig.GetString() == digest;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>What keeps a certificate from proving anything.</summary>
public enum CertificateFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A signed note is not one of the policy.</summary>
    Note,

    /// <summary>The statement is about another log than the final checkpoint.</summary>
    OtherLog,

    /// <summary>The proof is none.</summary>
    ProofMalformed,

    /// <summary>The record is not in the log, or is of another statement.</summary>
    Unproved,
}

/// <summary>What a certificate proves.</summary>
/// <param name="Fault">Why nothing.</param>
public sealed record CertificateVerdict(CertificateFault Fault)
{
    /// <summary>What is wrong with a note.</summary>
    public DamageKind Note { get; init; }

    /// <summary>The same, in English.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The log that was destroyed.</summary>
    public Checkpoint? Final { get; init; }

    /// <summary>The log that says so.</summary>
    public Checkpoint? Current { get; init; }

    /// <summary>Which of its records.</summary>
    public long Record { get; init; }
}
