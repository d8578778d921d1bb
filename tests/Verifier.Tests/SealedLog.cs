using System.Text;
using Ledger;
using Ledger.Notes;
using Ledger.Subjects;

namespace Verifier.Tests;

/// <summary>A real log in a temporary folder: <c>start</c>, some records, then one exchange with bodies.</summary>
internal sealed class SealedLog : IDisposable
{
    public const string Origin = "anss.example/audit/2026/n1";
    private readonly LogKey _keys = LogKey.Create();

    private SealedLog() { }

    public string Folder { get; } = System.IO.Directory.CreateTempSubdirectory("verifier-").FullName;

    public byte[] Body { get; } = """{"matchStatus":"MATCHED"}"""u8.ToArray();

    public byte[] Request { get; } = """{"schoolYear":"2026-2027"}"""u8.ToArray();

    public string Header { get; private set; } = "";

    public string Record { get; private set; } = "";

    public string ExchangeId { get; private set; } = "";

    public VerifierKey Key => _keys.Verifier(Origin);

    public VerifierKey P256Key => _keys.P256Verifier(Origin);

    public string Vkey => Key.ToString();

    public static async Task<SealedLog> Of(int records)
    {
        var log = new SealedLog();
        await using var writer = LedgerWriter.Open(log.Options(log.Directory), log._keys, TimeProvider.System);
        for (var i = 0; i < records; i += 1000)
        {
            await Seal(writer, Enumerable.Range(i, Math.Min(1000, records - i)).Select(static n => $$"""{"v":1,"i":{{n}}}"""));
        }

        var salt = SaltedDigest.NewSalt();
        log.ExchangeId = Ulid.New(TimeProvider.System);
        log.Record =
            $$"""{"v":1,"ev":"access","id":"{{log.ExchangeId}}","qdig":"{{SaltedDigest.Compute(salt, log.Request)}}","rdig":"{{SaltedDigest.Compute(salt, log.Body)}}"}""";
        var receipt = (await Seal(writer, [log.Record]))[0];
        log.Header = ReceiptHeader.Format(receipt, log.ExchangeId, salt);
        return log;
    }

    /// <summary>The log's folder.</summary>
    public string Directory => Path.Combine(Folder, "log");

    public LedgerWriter Reopen(string? directory = null) => Open(Options(directory ?? Directory));

    public LedgerWriter Open(LedgerOptions options) => LedgerWriter.Open(options, _keys, TimeProvider.System);

    /// <summary>A copy of the whole folder, journal included: what a backup or a thief has.</summary>
    public string CopyTo(string name)
    {
        var copy = Path.Combine(Folder, name);
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Directory, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public static async Task<IReadOnlyList<Receipt>> Seal(LedgerWriter writer, IEnumerable<string> records)
    {
        SealedRecord[] all = [.. records.Select(static text => SealedRecord.Of(Encoding.ASCII.GetBytes(text)))];
        Reservation? seats;
        while (!writer.TryReserve(all.Length, out seats))
        {
            await Task.Delay(1);
        }

        using (seats)
        {
            return await writer.AppendAsync(seats, all);
        }
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _keys.Dispose();
        System.IO.Directory.Delete(Folder, recursive: true);
    }

    public LedgerOptions Options(string directory) =>
        new()
        {
            Directory = directory,
            Origin = Origin,
            SegmentBytes = 1 << 20,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
        };
}
