using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Tokens.Revocation;

/// <summary>
/// The newest list that each file and address brought, through restarts: an older one put back while the program was away is refused, and
/// so is another one of the same number. What was not yet found to be signed is not written down. Thread-safe.
/// </summary>
public sealed class RevocationBook
{
    private const string Schema = "gateway.revocation-book/1";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Newest> _newest = new(StringComparer.Ordinal);
    private readonly Action<string> _keep;
    private bool _isKept = true;

    private RevocationBook(Action<string> keep) => _keep = keep;

    /// <summary>Opens a book.</summary>
    /// <param name="text">What was kept last; null for a new one.</param>
    /// <param name="keep">Keeps its text: durable when it returns.</param>
    /// <exception cref="InvalidDataException">The text is not that of a book.</exception>
    public static RevocationBook Open(string? text, Action<string> keep)
    {
        var book = new RevocationBook(keep);
        if (text is null)
            return book;
        try
        {
            if (JsonSerializer.Deserialize<Page>(text, Json) is not { Schema: Schema, Lists: { } lists })
                throw Unreadable(cause: null);
            foreach (var (key, newest) in lists)
            {
                if (newest?.Digest is null || (newest.Number is not null && NumberOf(newest) is null))
                    throw Unreadable(cause: null);
                book._newest[key] = newest;
            }
            return book;
        }
        catch (JsonException fault)
        {
            throw Unreadable(fault);
        }
    }

    /// <summary>May the source give this list, after what it gave before? Says what is wrong when not.</summary>
    internal string? WhyNot(string source, RevocationList list)
    {
        lock (_gate)
        {
            return _newest.TryGetValue(KeyOf(source, list), out var newest)
                ? RevocationList.WhyNotAfter((list.Number, list.ThisUpdate, list.Digest), (NumberOf(newest), newest.Made, newest.Digest))
                : null;
        }
    }

    /// <summary>Writes down what was verified. Asked again, it tries again what could not be kept.</summary>
    internal void Remember(string source, IEnumerable<RevocationList> lists)
    {
        lock (_gate)
        {
            foreach (var list in lists)
            {
                if (!list.IsVerified || (_newest.TryGetValue(KeyOf(source, list), out var known) && known.Digest == list.Digest))
                    continue;
                _newest[KeyOf(source, list)] = new(list.Number?.ToString(CultureInfo.InvariantCulture), list.ThisUpdate, list.Digest);
                _isKept = false;
            }
            if (_isKept)
                return;
            _keep(JsonSerializer.Serialize(new Page(Schema, _newest), Json) + "\n");
            _isKept = true;
        }
    }

    private static string KeyOf(string source, RevocationList list) => $"{source} {list.Issuer} {string.Join(' ', list.Points)}".TrimEnd();

    private static BigInteger? NumberOf(Newest newest) =>
        BigInteger.TryParse(newest.Number, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static InvalidDataException Unreadable(Exception? cause) =>
        new("the book of revocation lists cannot be read: restore it, or remove it if the lists on this machine are the newest", cause);

    private sealed record Page(string Schema, SortedDictionary<string, Newest> Lists);

    private sealed record Newest(string? Number, DateTimeOffset Made, string Digest);
}
