using System.Collections.Concurrent;
using System.Text.Json;
using Ledger;
using Ledger.Notes;
using Ledger.Tiles;
using Verifier;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>What a client holds of one call.</summary>
/// <param name="Institution">Institution of the client.</param>
/// <param name="Case">Its <c>Case-Reference</c>, used for this call alone.</param>
/// <param name="Status">HTTP status received.</param>
/// <param name="Request">Bytes sent.</param>
/// <param name="Body">Bytes received; null when the connection broke behind the headers.</param>
/// <param name="Receipt">The header <c>Audit-Receipt</c>.</param>
internal sealed record KeptAnswer(string Institution, string Case, int Status, byte[] Request, byte[]? Body, string Receipt);

/// <summary>What clients wrote down, and its comparison with the log: the oracle.</summary>
internal sealed class KeptAnswers
{
    private readonly ConcurrentDictionary<string, string> _lost = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<KeptAnswer> _kept = new();
    private readonly ConcurrentDictionary<string, int> _shared = new(StringComparer.Ordinal);
    private long _unsealed;

    /// <summary>Answers with a receipt.</summary>
    public int Receipts => _kept.Count;

    /// <summary>Calls whose answer never came: they may or may not have a record.</summary>
    public int Lost => _lost.Count;

    /// <summary>Answers 503 without receipt: the gateway said that it cannot seal.</summary>
    public long Unsealed => Interlocked.Read(ref _unsealed);

    /// <summary>Refusals of a flood, told with the id of a record that they share.</summary>
    public int Shared => _shared.Values.Sum();

    /// <summary>Answers by status.</summary>
    public IReadOnlyDictionary<int, int> ByStatus =>
        _kept.GroupBy(static one => one.Status).ToDictionary(static group => group.Key, static group => group.Count());

    /// <summary>Largest tree size that a client was told: the published log must reach it.</summary>
    public long Size => _kept.Max(static one => Parse(one).Size);

    public void Keep(KeptAnswer answer) => _kept.Enqueue(answer);

    public void Lose(string institution, string reference) => _lost.TryAdd(reference, institution);

    public void Share(string record) => _shared.AddOrUpdate(record, 1, static (_, number) => number + 1);

    public void Refused() => Interlocked.Increment(ref _unsealed);

    /// <summary>
    /// Every receipt is in the log with the same digests, every record is of one call, and no call has two. A record that no receipt names
    /// is of a call whose answer was lost, one for each at most.
    /// </summary>
    /// <param name="directory">Folder of the log.</param>
    /// <param name="policy">Key of the log.</param>
    /// <param name="pseudonymOf">The record's <c>cref</c> of an institution's reference.</param>
    /// <param name="skip">Receipts whose bodies were compared before; that their records are still there is looked at again.</param>
    /// <returns>Records without receipt.</returns>
    public int MustAgreeWith(string directory, TrustPolicy policy, Func<string, string, string> pseudonymOf, int skip = 0)
    {
        var records = Records(LogReader.Open(directory, policy));
        var claimed = new Dictionary<string, KeptAnswer>(StringComparer.Ordinal);
        foreach (var answer in _kept)
        {
            var receipt = Parse(answer);
            Assert.True(claimed.TryAdd(receipt.ExchangeId, answer), "two answers bear one exchange id");
            Assert.True(records.TryGetValue(receipt.ExchangeId, out var record), $"record {receipt.Index} is missing");
            Assert.Equal((receipt.Index, receipt.Leaf), (record.Index, record.Leaf));
            Assert.Equal(answer.Status, record.Json.GetProperty("st").GetInt32());
            Assert.Equal(pseudonymOf(answer.Institution, answer.Case), record.Json.GetProperty("cref").GetString());
        }

        foreach (var answer in _kept.Skip(skip))
            MustProve(answer, directory, policy, records[Parse(answer).ExchangeId].Json);
        var perhaps = _lost.Select(one => pseudonymOf(one.Value, one.Key)).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, record) in records)
            if (record.Json.TryGetProperty("n", out var number))
                Assert.InRange(number.GetInt32(), _shared.GetValueOrDefault(id), _shared.GetValueOrDefault(id) + _lost.Count);
        var unclaimed = records.Where(one => !claimed.ContainsKey(one.Key) && !one.Value.Json.TryGetProperty("n", out _)).ToList();
        foreach (var (_, record) in unclaimed)
        {
            Assert.True(
                perhaps.Remove(record.Json.GetProperty("cref").GetString()!),
                $"record {record.Index}: nobody asked for it, or it is the second one of its call"
            );
        }

        return unclaimed.Count;
    }

    /// <summary>
    /// Counts that no record holds: those of a second that a death cut off. The calls of each, refused all of them, have no record.
    /// </summary>
    public int Uncounted(string directory, TrustPolicy policy)
    {
        var records = Records(LogReader.Open(directory, policy));
        return _shared.Keys.Count(id => !records.ContainsKey(id));
    }

    /// <summary>The program that partners run: leaf, inclusion, consistency, exchange id, digests of both bodies.</summary>
    private static void MustProve(KeptAnswer answer, string directory, TrustPolicy policy, JsonElement record)
    {
        var question = record.TryGetProperty("qdig", out _) ? answer.Request : null;
        Assert.True(
            question is not null || record.GetProperty("ev").GetString() != "access",
            "an answer without the digest of its question"
        );
        var result = new ReceiptCheck(policy)
        {
            Body = answer.Body,
            Request = question,
            LogDirectory = directory,
        }.Run(answer.Receipt);
        Assert.True(result.Holds, result.Sentence);
    }

    /// <summary>Records of exchanges by id.</summary>
    private static Dictionary<string, (long Index, TreeHash Leaf, JsonElement Json)> Records(LogReader log)
    {
        var records = new Dictionary<string, (long, TreeHash, JsonElement)>(StringComparer.Ordinal);
        foreach (var entry in log.Entries())
        {
            var json = JsonSerializer.Deserialize<JsonElement>(entry.Text.Span);
            if (json.GetProperty("ev").GetString() is "access" or "deny" or "fault")
            {
                Assert.True(
                    records.TryAdd(json.GetProperty("id").GetString()!, (entry.Index, entry.Leaf, json)),
                    $"record {entry.Index}: its exchange id stands twice"
                );
            }
        }

        return records;
    }

    private static ReceiptHeader Parse(KeptAnswer answer)
    {
        Assert.True(ReceiptHeader.TryParse(answer.Receipt, out var receipt), "not a receipt");
        return receipt;
    }
}
