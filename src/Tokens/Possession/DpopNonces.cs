using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tokens.Possession;

/// <summary>
/// Nonces without memory: <c>slot(8) ‖ HMAC-SHA-256(key, audience ‖ slot)[..16]</c> in base64url, slots of 60 s, the current and the one
/// before accepted. Nodes that share the secret agree.
/// </summary>
public sealed class DpopNonces
{
    private const int SlotSeconds = 60;
    private const int SlotBytes = 8;
    private const int TagBytes = 16;
    private volatile byte[] _key;
    private readonly byte[] _audience;
    private readonly TimeProvider _time;

    /// <summary>Makes the nonces of one server.</summary>
    /// <param name="sharedSecret">At least 32 random bytes, the same on all nodes.</param>
    /// <param name="audience">The server's identifier; a nonce of one server is none at another.</param>
    /// <param name="time">Clock.</param>
    public DpopNonces(ReadOnlySpan<byte> sharedSecret, string audience, TimeProvider time)
    {
        _key = KeyOf(sharedSecret);
        (_audience, _time) = (Encoding.UTF8.GetBytes(audience), time);
    }

    /// <summary>Takes another secret: whoever has a nonce under the old one is given a new one and asks once more.</summary>
    public void Renew(ReadOnlySpan<byte> sharedSecret) => _key = KeyOf(sharedSecret);

    private static byte[] KeyOf(ReadOnlySpan<byte> sharedSecret)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedSecret, key, salt: default, "dpop-nonce"u8);
        return key;
    }

    /// <summary>The nonce to give now.</summary>
    public string Current => Make(Slot);

    /// <summary>Was this nonce given in this slot or the one before?</summary>
    public bool IsFresh(string nonce)
    {
        if (nonce.Length != Base64Url.GetEncodedLength(SlotBytes + TagBytes))
            return false;
        var slot = Slot;
        return Equal(nonce, Make(slot)) | Equal(nonce, Make(slot - 1));
    }

    private long Slot => _time.GetUtcNow().ToUnixTimeSeconds() / SlotSeconds;

    private static bool Equal(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private string Make(long slot)
    {
        var message = new byte[_audience.Length + SlotBytes];
        _audience.CopyTo(message, 0);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(_audience.Length), slot);
        Span<byte> nonce = stackalloc byte[SlotBytes + TagBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce, slot);
        HMACSHA256.HashData(_key, message).AsSpan(0, TagBytes).CopyTo(nonce[SlotBytes..]);
        return Base64Url.EncodeToString(nonce);
    }
}
