using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Institutions;

/// <summary>Ids that were shown already. Each is remembered as long as what it names can be valid.</summary>
/// <param name="clock">Time.</param>
/// <param name="lifetime">How long that is.</param>
public sealed class SeenIds(TimeProvider clock, TimeSpan lifetime)
{
    private readonly Lock gate = new();
    private HashSet<UInt128> recent = [], older = [];
    private long since = clock.GetTimestamp();

    /// <summary>False when the id was shown before, or when there is none.</summary>
    public bool IsFirst(string? id)
    {
        if (string.IsNullOrEmpty(id)) return false;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        var key = new UInt128(BitConverter.ToUInt64(digest, 0), BitConverter.ToUInt64(digest, 8));
        lock (gate)
        {
            if (clock.GetElapsedTime(since) > lifetime) (older, recent, since) = (recent, [], clock.GetTimestamp());
            return !older.Contains(key) && recent.Add(key);
        }
    }
}
