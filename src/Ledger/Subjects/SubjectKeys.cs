using System.Globalization;
using System.Security.Cryptography;

namespace Ledger.Subjects;

/// <summary>
/// The quarterly pseudonym keys, held as files <c>2026q4.key</c> of 32 bytes and mode 0400 in a folder of their own, never on the log's
/// volume. Destroying a file makes every pseudonym of that quarter unsearchable for ever and breaks no proof (ledger page §4.2).
/// </summary>
public sealed class SubjectKeys(string directory, TimeProvider time)
{
    private const int KeyBytes = 32;
    private readonly Lock _gate = new();
    private volatile SubjectKey? _current;

    /// <summary>The quarter of a moment, in UTC: <c>2026q4</c>.</summary>
    public static string PeriodOf(DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture, $"{utc.Year:0000}q{(utc.Month + 2) / 3}");
    }

    /// <summary>The key of the present quarter; made when the quarter begins.</summary>
    public SubjectKey Current()
    {
        var period = PeriodOf(time.GetUtcNow());
        var key = _current;
        if (key?.Period == period)
        {
            return key;
        }

        lock (_gate)
        {
            return _current = _current?.Period == period ? _current : Read(period) ?? Create(period);
        }
    }

    /// <summary>The key of a quarter, or null when it was destroyed or never existed.</summary>
    public SubjectKey? Of(string period)
    {
        lock (_gate)
        {
            return Read(period);
        }
    }

    /// <summary>The quarters whose keys are retained, oldest first.</summary>
    public IReadOnlyList<string> Periods() =>
        !Directory.Exists(directory)
            ? []
            :
            [
                .. Directory
                    .EnumerateFiles(directory, "*.key")
                    .Select(static file => Path.GetFileNameWithoutExtension(file))
                    .Where(IsPeriod)
                    .Order(StringComparer.Ordinal),
            ];

    /// <summary>
    /// Destroys the key of a past quarter: its pseudonyms can never be searched again. Seal a <c>key</c> record that says so. Crash before
    /// the folder's sync: the key may still be there; ask again.
    /// </summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="InvalidOperationException">The quarter is not over: its key is in use.</exception>
    /// <exception cref="DurabilityLost">The deletion is not known to be on the disk.</exception>
    public bool Destroy(string period)
    {
        lock (_gate)
        {
            if (string.CompareOrdinal(period, PeriodOf(time.GetUtcNow())) >= 0)
            {
                throw new InvalidOperationException("The key of a quarter that is not over is in use.");
            }

            var file = FileOf(period);
            if (!File.Exists(file))
            {
                return false;
            }

            using var folder = Posix.OpenDirectory(directory);
            File.Delete(file);
            Posix.Fsync(folder);
            return true;
        }
    }

    private SubjectKey? Read(string period)
    {
        var file = FileOf(period);
        if (!File.Exists(file))
        {
            return null;
        }

        var bytes = SecretFile.ReadBytes(file);
        return bytes.Length == KeyBytes
            ? new SubjectKey(period, bytes)
            : throw new CryptographicException($"The subject key of {period} does not have 32 bytes.");
    }

    private SubjectKey Create(string period)
    {
        Directory.CreateDirectory(directory);
        var bytes = RandomNumberGenerator.GetBytes(KeyBytes);
        // A crash before the rename leaves a temporary file that no one reads; a crash before the sync would lose a key that records
        // already use, hence the sync.
        var temporary = FileOf(period) + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)) + ".tmp";
        using (var stream = SecretFile.Create(temporary))
        {
            stream.Write(bytes);
            stream.Flush();
            Posix.Fdatasync(stream.SafeFileHandle);
        }

        try
        {
            File.Move(temporary, FileOf(period), overwrite: false);
        }
        catch (IOException) when (File.Exists(FileOf(period)))
        {
            File.Delete(temporary);
            return Read(period)!;
        }

        using var folder = Posix.OpenDirectory(directory);
        Posix.Fsync(folder);
        return new SubjectKey(period, bytes);
    }

    private string FileOf(string period) =>
        IsPeriod(period)
            ? Path.Combine(directory, period + ".key")
            : throw new ArgumentException("A period looks like 2026q4.", nameof(period));

    private static bool IsPeriod(string text) =>
        text.Length == 6 && text[4] == 'q' && text[5] is >= '1' and <= '4' && !text.AsSpan(0, 4).ContainsAnyExcept("0123456789");
}

/// <summary>One quarter's key.</summary>
public sealed class SubjectKey
{
    private readonly byte[] _key;

    internal SubjectKey(string period, byte[] key) => (Period, this._key) = (period, key);

    /// <summary>The quarter, the record's <c>sk</c>.</summary>
    public string Period { get; }

    /// <summary>The pseudonym of a value under this key.</summary>
    public string Of(ReadOnlySpan<char> type, ReadOnlySpan<char> value) => Pseudonym.Compute(_key, type, value);
}
