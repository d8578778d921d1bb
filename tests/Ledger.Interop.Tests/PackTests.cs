using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Ledger.Evidence;
using Ledger.Interop.Tests.Logs;
using Ledger.Interop.Tests.Tools;
using Ledger.Notes;
using Ledger.Tiles;
using Ledger.Witnesses;
using Verifier;
using Xunit;

namespace Ledger.Interop.Tests;

/// <summary>
/// Evidence packs, checked by the script that they carry and by the verifier: one verdict (console page, sections 9 and 18).
/// </summary>
public sealed class PackTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly long[] Wanted = [0, 7, 255, 256, 299];
    private PublishedLog _log = null!;
    private WitnessKey _witness = null!;
    private string _policy = "";
    private byte[] _pack = [];

    public async ValueTask InitializeAsync()
    {
        _log = await PublishedLog.Of(300);
        _witness = WitnessKey.Create("witness.example/w1", _log.Beside("w1.pem"));
        using var memory = new Witness(_log.Beside("memory"), _witness, [_log.Key], TimeProvider.System);
        var note = await File.ReadAllTextAsync(Path.Combine(_log.Folder, "checkpoint"));
        await File.WriteAllTextAsync(
            Path.Combine(_log.Folder, "checkpoint-witnessed"),
            note + memory.Add(new AddCheckpoint(0, [], note).ToString()).Body
        );
        _policy = $"log {_log.Vkey}\nwitness w1 {_witness.Verifier}\ngroup outside any w1\nquorum outside\n";
        _pack = Made();
    }

    public ValueTask DisposeAsync()
    {
        _witness.Dispose();
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_good_pack_is_accepted_by_both_and_made_again_byte_for_byte()
    {
        Assert.Equal(_pack, Made());
        var (python, ours) = await Verdicts(_pack, _policy);
        output.WriteLine(python.Text);
        output.WriteLine(ours.Sentence);
        Assert.Equal("OK: 5 records stand unchanged in 1 log(s), under the policy that was given", python.Text);
        Assert.True(ours.Holds, ours.Sentence);
        (python, ours) = await Verdicts(_pack, null);
        Assert.EndsWith("the policy that the pack itself brings", python.Text, StringComparison.Ordinal);
        Assert.True(ours.Holds, ours.Sentence);
    }

    [Fact]
    public async Task The_script_checks_the_folder_in_which_it_was_unpacked()
    {
        var folder = _log.Beside("unpacked");
        await ZipFile.ExtractToDirectoryAsync(new MemoryStream(_pack), folder);
        var said = await Tool.Run("python3", ["-I", Path.Combine(folder, "verify_pack.py")]);
        Assert.True(said.Accepts, said.Text);
    }

    [Fact]
    public async Task Every_file_that_is_changed_dropped_added_or_swapped_is_noticed_by_both()
    {
        var names = Read(_pack).Keys.ToList();
        var count = 0;
        foreach (var name in names)
        {
            await Refused(name + " changed", files => files[name][files[name].Length / 2] ^= 1, mendSums: false);
            await Refused(name + " dropped", files => files.Remove(name), mendSums: false);
            count += 2;
        }

        await Refused("a file added", static files => files["entries/x.json"] = [1], mendSums: false);
        foreach (var (what, spoil) in Spoilings())
        {
            await Refused(what, spoil, mendSums: true);
            count++;
        }

        output.WriteLine($"{count + 1} spoiled packs: all refused by verify_pack.py and by verifier pack");
    }

    [Fact]
    public async Task A_pack_made_under_other_keys_holds_only_under_its_own_policy()
    {
        using var other = await PublishedLog.Of(300);
        using var forged = new MemoryStream();
        EvidencePack.Write(
            forged,
            new EvidenceRequest { Logs = [new EvidenceOf(other.Read(), Wanted)], Policy = $"log {other.Vkey}\nquorum none\n" }
        );
        var (python, ours) = await Verdicts(forged.ToArray(), null);
        Assert.True(python.Accepts && ours.Holds);
        (python, ours) = await Verdicts(forged.ToArray(), _policy);
        Assert.False(python.Accepts || ours.Holds, python.Text);
    }

    [Fact]
    public void People_read_it_in_three_languages_and_Arabic_from_the_right()
    {
        var files = Read(_pack);
        foreach (var language in new[] { "fr", "ar", "en" })
        {
            var page = Encoding.UTF8.GetString(files[$"README.{language}.html"]);
            Assert.Contains($"<html lang=\"{language}\" dir=\"{(language == "ar" ? "rtl" : "ltr")}\">", page, StringComparison.Ordinal);
            Assert.Contains("verify_pack.py", page, StringComparison.Ordinal);
            Assert.All(Wanted, index => Assert.Contains($"<bdi dir=\"ltr\">2026-n1-{index}</bdi>", page, StringComparison.Ordinal));
            Assert.Contains("<bdi>A &lt;case&gt;</bdi>", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_would_not_verify_is_not_made()
    {
        Assert.Throws<ArgumentException>(() =>
            EvidencePack.Write(Stream.Null, new EvidenceRequest { Logs = [new EvidenceOf(_log.Read(), Wanted)], Policy = _policy })
        );
        Assert.Throws<ArgumentException>(() => EvidencePack.Write(Stream.Null, Request() with { Logs = [] }));
        Assert.Throws<ArgumentException>(() =>
            EvidencePack.Write(
                Stream.Null,
                Request() with
                {
                    Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["entries/x"] = default },
                }
            )
        );
        Assert.Throws<ArgumentException>(() =>
            EvidencePack.Write(
                Stream.Null,
                Request() with
                {
                    Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["texts/../x"] = default },
                }
            )
        );
    }

    /// <summary>Changes by somebody who also writes SHA256SUMS anew.</summary>
    private static IEnumerable<(string What, Action<Dictionary<string, byte[]>> Spoil)> Spoilings()
    {
        yield return ("a record rewritten", static files =>
            files["entries/2026-n1-7.json"] = [.. Encoding.ASCII.GetBytes("""{"v":1,"ev":"access","i":8}""")]
        );
        yield return ("two records swapped", static files =>
            (files["entries/2026-n1-7.json"], files["entries/2026-n1-255.json"]) = (
                files["entries/2026-n1-255.json"],
                files["entries/2026-n1-7.json"]
            )
        );
        yield return ("two proofs swapped", static files =>
            (files["proofs/2026-n1-7.tlog-proof"], files["proofs/2026-n1-255.tlog-proof"]) = (
                files["proofs/2026-n1-255.tlog-proof"],
                files["proofs/2026-n1-7.tlog-proof"]
            )
        );
        yield return ("a record and its proof dropped", static files =>
        {
            files.Remove("entries/2026-n1-7.json");
            files.Remove("proofs/2026-n1-7.tlog-proof");
        }
        );
        yield return ("a record that the summary does not name", static files =>
            files["entries/2026-n1-8.json"] = files["entries/2026-n1-7.json"]
        );
        yield return ("the position in the summary", Edit("summary.json", "\"index\": 7,", "\"index\": 8,"));
        yield return ("the event in the summary", Edit("summary.json", "\"ev\": \"access\"", "\"ev\": \"deny\""));
        yield return ("the size in the summary", Edit("summary.json", "\"size\": 300", "\"size\": 301"));
        yield return ("the summary is no JSON", Edit("summary.json", "{", "["));
        yield return ("the checkpoint's size", Edit("checkpoints/2026-n1.note", "\n300\n", "\n301\n"));
        yield return ("the witness's line gone", static files =>
        {
            var note = Encoding.UTF8.GetString(files["checkpoints/2026-n1.note"]);
            var bare = note[..note.IndexOf("— witness", StringComparison.Ordinal)];
            foreach (
                var name in files
                    .Keys.Where(static name =>
                        name.EndsWith(".tlog-proof", StringComparison.Ordinal) || name.EndsWith(".note", StringComparison.Ordinal)
                    )
                    .ToList()
            )
            {
                files[name] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[name]).Replace(note, bare, StringComparison.Ordinal));
            }
        }
        );
        yield return ("a proof's index", Edit("proofs/2026-n1-7.tlog-proof", "index 7", "index 6"));
    }

    private static Action<Dictionary<string, byte[]>> Edit(string file, string from, string to) =>
        files =>
        {
            var text = Encoding.UTF8.GetString(files[file]);
            Assert.Contains(from, text, StringComparison.Ordinal);
            files[file] = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        };

    private EvidenceRequest Request() =>
        new()
        {
            Logs = [new EvidenceOf(LogReader.Open(_log.Folder, TrustPolicy.Parse(_policy)), Wanted)],
            Policy = _policy,
            AskedBy = "A <case>",
            Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["agreements/ANSS-MENPS-2026-01@3.yaml"] = "id: x\n"u8.ToArray() },
        };

    private byte[] Made()
    {
        using var zip = new MemoryStream();
        var digest = EvidencePack.Write(zip, Request());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Read(zip.ToArray())["SHA256SUMS"])), digest);
        return zip.ToArray();
    }

    private async Task Refused(string what, Action<Dictionary<string, byte[]>> spoil, bool mendSums)
    {
        var files = Read(_pack);
        spoil(files);
        if (mendSums)
        {
            files["SHA256SUMS"] = Encoding.UTF8.GetBytes(
                string.Concat(
                    files
                        .Where(static file => file.Key != "SHA256SUMS")
                        .OrderBy(static file => file.Key, StringComparer.Ordinal)
                        .Select(static file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {file.Key}\n")
                )
            );
        }

        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                await using var stream = await archive.CreateEntry(name).OpenAsync();
                await stream.WriteAsync(bytes);
            }
        }

        var (python, ours) = await Verdicts(zip.ToArray(), _policy);
        Assert.False(python.Accepts, $"the script accepts: {what}");
        Assert.StartsWith("FAIL: ", python.Text, StringComparison.Ordinal);
        Assert.False(ours.Holds, $"the verifier accepts: {what}");
    }

    private async Task<(Said Python, CheckResult Ours)> Verdicts(byte[] zip, string? trust)
    {
        var file = _log.Beside("pack.zip");
        await File.WriteAllBytesAsync(file, zip);
        var script = Path.Combine(Tool.InRepository("src", "Ledger", "Evidence"), "verify_pack.py");
        string[] arguments = trust is null ? ["-I", script, file] : ["-I", script, file, "--policy", _log.Write("policy.txt", trust)];
        await Tool.Require("python3", "--version", "python3");
        return (await Tool.Run("python3", arguments), new PackCheck(trust is null ? null : TrustPolicy.Parse(trust)).Run(file));
    }

    private static Dictionary<string, byte[]> Read(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return archive.Entries.ToDictionary(
            static entry => entry.FullName,
            static entry =>
            {
                using var stream = entry.Open();
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                return bytes.ToArray();
            },
            StringComparer.Ordinal
        );
    }
}
