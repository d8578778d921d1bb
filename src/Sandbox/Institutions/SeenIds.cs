using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Institutions;

/// <summary>Ids that were shown already. Each is remembered as long as what it names can be valid.</summary>
/// <param name="clock">Time.</param>
/// <param name="lifetime">How long that is.</param>
public sealed class SeenIds(TimeProvider clock, TimeSpan lifetime)
{
    private readonly Lock _gate = new();
    private HashSet<UInt128> _recent = [],
        _older = [];
    private long _since = clock.GetTimestamp();

    /// <summary>False when the id was shown before, or when there is none.</summary>
    public bool IsFirst(string? id)
    {
        if (string.IsNullOrEmpty(id))
            return false;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        var key = new UInt128(BitConverter.ToUInt64(digest, 0), BitConverter.ToUInt64(digest, 8));
        lock (_gate)
        {
            if (clock.GetElapsedTime(_since) > lifetime)
                (_older, _recent, _since) = (_recent, [], clock.GetTimestamp());
            return !_older.Contains(key) && _recent.Add(key);
        }
    }
}
