using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ledger;
using Ledger.Notes;
using Wording;

namespace Verifier;

/// <summary>
/// Checks an evidence pack (console page §9): digests, checkpoints under the policy, every record's proof, and that the summary tells of
/// exactly these records. <c>verify_pack.py</c> in the pack gives the same verdict.
/// </summary>
/// <param name="policy">Whom to trust; null takes the policy that the pack itself brings, which proves less.</param>
/// <param name="ed25519">How to check Ed25519 under the pack's own policy; by default with OpenSSL.</param>
public sealed partial class PackCheck(TrustPolicy? policy, Ed25519Verification? ed25519 = null)
{
    private const int LargestPack = 256 << 20;
    private static readonly string[] Unlisted = ["SHA256SUMS", "SHA256SUMS.note", "SHA256SUMS.tsr"];
    private static readonly string[] Compared = ["ev", "id", "ts"];
    private Sentences _say = new("en");
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);

    /// <summary>Language of the sentence: fr, ar or en.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Runs the check; once for each object.</summary>
    public CheckResult Run(string zip)
    {
        _say = new Sentences(Language);
        try
        {
            Unpack(zip);
            CheckSums();
            var trust = policy ?? TrustPolicy.Parse(Text("policy.txt"), ed25519);
            using var summary = JsonDocument.Parse(File("summary.json"));
            var logs = summary.RootElement.GetProperty("logs").EnumerateArray().ToList();
            var records = logs.Sum(log => CheckLog(log, trust));
            Need(_expected.SetEquals(_files.Keys.Where(static name => IsEvidence(name))), "pack-records");
            return CheckResult.Proved(_say.Say(policy is null ? "pack-proved-own" : "pack-proved", records, logs.Count));
        }
        catch (Wrong e)
        {
            return CheckResult.Fails(e.Say(_say));
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            return CheckResult.Fails(_say.Say("pack-summary", "summary.json"));
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException or NotSupportedException)
        {
            return CheckResult.Fails(_say.Say("pack-zip"));
        }
    }

    private void Unpack(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        var left = LargestPack;
        foreach (var entry in archive.Entries)
        {
            // What the archive says of a length is not believed: a few bytes may unfold into all of the memory.
            Need(entry.Length <= left, "pack-large");
            using var stream = entry.Open();
            var bytes = new byte[entry.Length];
            var isWhole = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && stream.ReadByte() < 0;
            Need(isWhole, "pack-length");
            left -= bytes.Length;
            Need(_files.TryAdd(entry.FullName, bytes), "pack-name-twice");
        }
    }

    private void CheckSums()
    {
        var listed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Text("SHA256SUMS").Split('\n')[..^1])
        {
            var match = SumLine().Match(line);
            Need(match.Success && listed.TryAdd(match.Groups["name"].Value, match.Groups["digest"].Value), "pack-summary", "SHA256SUMS");
        }

        var present = _files.Keys.Except(Unlisted, StringComparer.Ordinal);
        Need(listed.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(present), "pack-unlisted", "SHA256SUMS");
        foreach (var (name, digest) in listed.OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            Need(Convert.ToHexStringLower(SHA256.HashData(_files[name])) == digest, "pack-changed", name);
        }
    }

    private int CheckLog(JsonElement log, TrustPolicy trust)
    {
        var checkpointFile = log.GetProperty("checkpoint").GetString()!;
        var note = Text(checkpointFile);
        if (trust.FaultOf(note, out var checkpoint) is { } fault)
            throw new Wrong("damage-" + fault, checkpointFile);
        Need(
            log.GetProperty("origin").GetString() == checkpoint!.Origin
                && log.GetProperty("size").GetInt64() == checkpoint.Size
                && log.GetProperty("root").GetString() == checkpoint.Root.ToBase64(),
            "pack-other-checkpoint"
        );
        _expected.Add(checkpointFile);
        var count = 0;
        foreach (var record in log.GetProperty("records").EnumerateArray())
        {
            CheckRecord(record, note, checkpoint);
            count++;
        }

        return count;
    }

    private void CheckRecord(JsonElement record, string note, Checkpoint checkpoint)
    {
        var (proofFile, entryFile) = (record.GetProperty("proof").GetString()!, record.GetProperty("entry").GetString()!);
        Need(TlogProof.TryParse(Text(proofFile), out var proof), "proof-malformed");
        var entry = File(entryFile);
        Need(proof!.Note == note, "pack-proof-elsewhere", proofFile);
        var leaf = LeafHash.Of(entry);
        var index = record.GetProperty("index").GetInt64();
        Need(proof.Index == index && proof.Proves(leaf, checkpoint), "pack-not-record", entryFile, Sentences.Number(index));
        using var facts = JsonDocument.Parse(entry);
        var agrees =
            record.GetProperty("leaf").GetString() == leaf.ToString()
            && Array.TrueForAll(Compared, name => Member(facts.RootElement, name) == Member(record, name));
        Need(agrees, "pack-told-otherwise", entryFile);
        Need(_expected.Add(proofFile) && _expected.Add(entryFile), "pack-record-twice");
    }

    private byte[] File(string name) => _files.TryGetValue(name, out var bytes) ? bytes : throw new Wrong("pack-missing", name);

    private string Text(string name) =>
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File(name));

    private static bool IsEvidence(string name) =>
        name.StartsWith("entries/", StringComparison.Ordinal)
        || name.StartsWith("proofs/", StringComparison.Ordinal)
        || name.StartsWith("checkpoints/", StringComparison.Ordinal);

    private static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) ? member.ToString() : null;

    private static void Need(bool condition, string key, params Blank[] values)
    {
        if (!condition)
        {
            throw new Wrong(key, values);
        }
    }

    [GeneratedRegex("^(?<digest>[0-9a-f]{64})  (?<name>.+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SumLine();
}
