using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>What clients wrote down: the oracle. One caller of one run has at most one record in flight at a time.</summary>
internal sealed class ClientLedger
{
    public const string Unavailable = "unavailable";
    private static readonly ConcurrentDictionary<string, byte> Verified = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Run, int Caller), int> _last = [];
    private readonly HashSet<(string Run, int Caller, int Number)> _refused = [];
    private readonly Dictionary<(string Run, int Caller, int Number), string> _receipts = [];

    /// <summary>Receipts that clients hold.</summary>
    public int Acknowledged => _receipts.Count;

    /// <summary>Answers that said nothing may be released.</summary>
    public int Refused => _refused.Count;

    /// <summary>The files of a folder: one a run and caller.</summary>
    public static string[] Files(string folder) => Directory.GetFiles(folder, "client.*");

    /// <summary>The client ledgers of a folder.</summary>
    public static ClientLedger Read(string folder) => Read(Files(folder));

    /// <summary>The client ledgers in some files; a line that is being written is left out.</summary>
    public static ClientLedger Read(IEnumerable<string> files)
    {
        var ledger = new ClientLedger();
        foreach (var file in files)
        {
            var parts = Path.GetFileName(file).Split('.');
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            var text = reader.ReadToEnd();
            foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                ledger.Add(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), line);
            }
        }

        return ledger;
    }

    public void Add(string run, int caller, string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var number = int.Parse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture);
        _last[(run, caller)] = number;
        if (line.AsSpan(space + 1).SequenceEqual(Unavailable))
        {
            _refused.Add((run, caller, number));
        }
        else
        {
            _receipts.Add((run, caller, number), line[(space + 1)..]);
        }
    }

    /// <summary>Whether some caller was refused and got a receipt after that: the ledger failed and serves again.</summary>
    public bool ServedAfterFailure =>
        _refused.Any(failed =>
            _receipts.Keys.Any(served => served.Run == failed.Run && served.Caller == failed.Caller && served.Number > failed.Number)
        );

    /// <summary>
    /// Acknowledged ⊆ recovered, every receipt proves. And no phantom: a record without a receipt was refused, or was the one that its
    /// caller had in flight, and none is there twice.
    /// </summary>
    /// <param name="entries">The log's records.</param>
    /// <param name="rootAt">Root of the log at a size.</param>
    /// <param name="key">Key of the log.</param>
    public void MustAgreeWith(IReadOnlyList<string> entries, Func<long, TreeHash> rootAt, Notes.VerifierKey key)
    {
        var proven = new Dictionary<string, TreeHash>(StringComparer.Ordinal);
        foreach (var ((run, caller, number), text) in _receipts)
        {
            Assert.True(ReceiptHeader.TryParse(text, out var receipt));
            var signature = Convert.ToBase64String(receipt.Signature.Span);
            if (!proven.TryGetValue(signature, out var root))
            {
                // A signature that was found right once need not be computed again for each of ten thousand faults.
                Assert.True(Verified.ContainsKey(key + text) || receipt.Verify(key));
                Verified.TryAdd(key + text, 0);
                Assert.Equal(rootAt(receipt.Size), receipt.Root);
                proven.Add(signature, root = receipt.Root);
            }

            Assert.Equal(root, receipt.Root);
            Assert.True(receipt.Index < entries.Count, $"record {receipt.Index} of {run}.{caller} is missing: the log has {entries.Count}");
            Assert.Equal(Crasher.Text(run, caller, number), entries[(int)receipt.Index]);
        }

        var (seen, inFlight) = (new HashSet<(string, int, int)>(), new HashSet<(string, int)>());
        foreach (var entry in entries.Where(static text => text.Contains("\"run\":", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(entry);
            var (run, caller, number) = (
                json.RootElement.GetProperty("run").GetString()!,
                json.RootElement.GetProperty("c").GetInt32(),
                json.RootElement.GetProperty("n").GetInt32()
            );
            Assert.True(seen.Add((run, caller, number)), $"twice: {entry}");
            if (!_receipts.ContainsKey((run, caller, number)) && !_refused.Contains((run, caller, number)))
            {
                Assert.True(number > _last.GetValueOrDefault((run, caller), -1), $"nobody had it in flight: {entry}");
                Assert.True(inFlight.Add((run, caller)), $"the second in flight: {entry}");
            }
        }
    }
}
