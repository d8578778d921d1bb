using System.Text;
using Ledger.Notes;
using Ledger.Tiles;

namespace Ledger.Interop.Tests.Logs;

/// <summary>A log as outsiders see it: written by the project's own writer, then copied without its journal.</summary>
internal sealed class PublishedLog : IDisposable
{
    public const string Origin = "anss.example/audit/2026/n1";
    private readonly string _folder = Directory.CreateTempSubdirectory("interop-").FullName;
    private readonly LogKey _keys;

    private PublishedLog(LogKey keys) => this._keys = keys;

    /// <summary>Holds <c>checkpoint</c> and <c>tile/</c>.</summary>
    public string Folder => Path.Combine(_folder, "published");

    public VerifierKey Key => _keys.Verifier(Origin);

    public VerifierKey P256Key => _keys.P256Verifier(Origin);

    public string Vkey => Key.ToString();

    /// <summary>Checkpoints that were published on the way, as files, oldest first.</summary>
    public IReadOnlyList<string> Old { get; private set; } = [];

    /// <summary>A log of exactly so many records, its first being <c>start</c>, with a checkpoint kept at each of the sizes.</summary>
    public static Task<PublishedLog> Of(int size, params int[] checkpointsAt) => Of(LogKey.Create(), size, checkpointsAt);

    /// <summary>The checkpoint of a log that the same key signed from its first record on: a fork.</summary>
    public async Task<string> OtherHistory(int size)
    {
        var other = await Of(_keys, size, []);
        var note = await File.ReadAllTextAsync(Path.Combine(other.Folder, "checkpoint"));
        Directory.Delete(other._folder, recursive: true);
        return note;
    }

    private static async Task<PublishedLog> Of(LogKey keys, int size, int[] checkpointsAt)
    {
        var log = new PublishedLog(keys);
        var live = Path.Combine(log._folder, "live");
        var old = new List<string>();
        await using (var writer = LedgerWriter.Open(log.Options(live), log._keys, TimeProvider.System))
        {
            var at = 1;
            foreach (var stop in checkpointsAt.Append(size))
            {
                for (; at < stop; at += Math.Min(2000, stop - at))
                {
                    await Seal(writer, at, Math.Min(2000, stop - at));
                }

                var published = await writer.WhenPublished(stop);
                if (stop < size)
                {
                    old.Add(log.Write($"checkpoint-{stop}", published.Note));
                }
            }

            log.CopyTo(log.Folder, live);
        }

        log.Old = old;
        return log;
    }

    /// <summary>The log at its checkpoint.</summary>
    public LogReader Read() => LogReader.Open(Folder, Key);

    /// <summary>A path beside the log.</summary>
    public string Beside(string name) => Path.Combine(_folder, name);

    /// <summary>A file beside the log.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Another copy, for tests that change something.</summary>
    public string Copy()
    {
        var copy = Path.Combine(_folder, "copy-" + Path.GetRandomFileName());
        CopyTo(copy, Folder);
        return copy;
    }

    /// <summary>The files that a reader of the present checkpoint needs: of partial ones only the widest.</summary>
    public IReadOnlyList<string> Files() =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Folder, "tile"), "*", SearchOption.AllDirectories)
                .GroupBy(
                    static file =>
                        Path.GetDirectoryName(file)!.EndsWith(".p", StringComparison.Ordinal) ? Path.GetDirectoryName(file)! : file,
                    StringComparer.Ordinal
                )
                .Select(static group => group.MaxBy(static file => new FileInfo(file).Length)!)
                .Select(file => Path.GetRelativePath(Folder, file))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose()
    {
        _keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task Seal(LedgerWriter writer, int first, int count)
    {
        SealedRecord[] records =
        [
            .. Enumerable
                .Range(first, count)
                .Select(static n => SealedRecord.Of(Encoding.ASCII.GetBytes($$"""{"v":1,"ev":"access","i":{{n}}}"""))),
        ];
        Reservation? seat;
        while (!writer.TryReserve(records.Length, out seat))
        {
            await Task.Delay(1);
        }

        using (seat)
        {
            await writer.AppendAsync(seat, records);
        }
    }

    private void CopyTo(string to, string from)
    {
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(from, "tile"), "*", SearchOption.AllDirectories)
                .Append(Path.Combine(from, "checkpoint"))
        )
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }

    private LedgerOptions Options(string directory) =>
        new()
        {
            Directory = directory,
            Origin = Origin,
            SegmentBytes = 4 << 20,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
            PublishEvery = TimeSpan.FromHours(1),
        };
}
