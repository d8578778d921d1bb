using System.Text;
using Ledger;
using Ledger.Notes;

namespace AuditIndex.Tests.Support;

/// <summary>A real log in a folder.</summary>
internal sealed class SomeLog : IAsyncDisposable
{
    public const string Origin = "anss.example/audit/2026/n1";
    private readonly LogKey _key;

    public SomeLog(string directory, string origin = Origin, LogKey? key = null, TimeProvider? time = null)
    {
        Directory = directory;
        this._key = key ?? LogKey.Create();
        Writer = LedgerWriter.Open(Options(directory, origin), this._key, time ?? TimeProvider.System);
    }

    public string Directory { get; }

    public LedgerWriter Writer { get; }

    public LogSource Source => new(Writer.Origin, Directory, TrustPolicy.Of(Writer.Key));

    public static LedgerOptions Options(string directory, string origin) =>
        new()
        {
            Directory = directory,
            Origin = origin,
            SegmentBytes = 1 << 22,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
        };

    /// <summary>Seals texts in groups and waits until they are published.</summary>
    public async Task Seal(params IReadOnlyList<string> texts)
    {
        long size = 0;
        foreach (var chunk in Groups(texts, 500))
        {
            size = (await Append(Writer, [.. chunk.Select(static text => SealedRecord.Of(Encoding.ASCII.GetBytes(text)))]))[0].Size;
        }

        await Writer.WhenPublished(size);
    }

    /// <summary>Groups of at least so many records; a decision stays in the group of its record, as the gateway seals them.</summary>
    public static IEnumerable<IReadOnlyList<string>> Groups(IReadOnlyList<string> texts, int size)
    {
        for (var first = 0; first < texts.Count;)
        {
            var end = Math.Min(texts.Count, first + size);
            while (end < texts.Count && texts[end].Contains("\"decision\"", StringComparison.Ordinal))
            {
                end++;
            }

            yield return [.. texts.Skip(first).Take(end - first)];
            first = end;
        }
    }

    public static async Task<IReadOnlyList<Receipt>> Append(ILedger ledger, params IReadOnlyList<SealedRecord> records)
    {
        Reservation? seat;
        while (!ledger.TryReserve(records.Count, out seat))
        {
            await Task.Delay(1);
        }

        using (seat)
        {
            return await ledger.AppendAsync(seat, records);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        _key.Dispose();
    }
}
