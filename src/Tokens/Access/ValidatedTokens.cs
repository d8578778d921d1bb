using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Tokens.Access;

/// <summary>
/// Tokens whose signature has verified, by the SHA-256 of their bytes. Two generations of half the limit each: when the young one is
/// full it becomes the old one and the old one is dropped, so memory is bounded and nothing has to be swept. Thread-safe.
/// </summary>
/// <param name="limit">Entries at most.</param>
internal sealed class ValidatedTokens(int limit)
{
    private volatile ConcurrentDictionary<Key, AccessToken> _young = new();
    private volatile ConcurrentDictionary<Key, AccessToken> _old = new();
    private int _count;

    internal int Count => _young.Count + _old.Count;

    /// <summary>SHA-256 of the token's ASCII bytes; false when it holds anything else.</summary>
    internal static bool TryHash(ReadOnlySpan<char> token, out Key key)
    {
        key = default;
        Span<byte> bytes = stackalloc byte[Jose.JoseGuard.MaxLength];
        if (token.Length > bytes.Length || Ascii.FromUtf16(token, bytes, out var length) != System.Buffers.OperationStatus.Done)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        key = new(
            BitConverter.ToUInt64(hash),
            BitConverter.ToUInt64(hash[8..]),
            BitConverter.ToUInt64(hash[16..]),
            BitConverter.ToUInt64(hash[24..])
        );
        return true;
    }

    internal AccessToken? Find(in Key key, DateTimeOffset now)
    {
        if (!_young.TryGetValue(key, out var token) && !_old.TryGetValue(key, out token))
            return null;
        return now < token.Expires ? token : null; // no grace here: an expired one goes the long way and is told so
    }

    internal void Keep(in Key key, AccessToken token)
    {
        if (!_young.TryAdd(key, token))
            return;
        if (Interlocked.Increment(ref _count) < limit / 2)
            return;
        Interlocked.Exchange(ref _count, 0);
        _old = _young;
        _young = new();
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Key(ulong A, ulong B, ulong C, ulong D);
}
