using System.Numerics;
using System.Security.Cryptography;

namespace Verifier;

/// <summary>
/// Verification of Ed25519 (RFC 8032 §5.1.7) in plain arithmetic, for machines without OpenSSL 3. It only ever sees public values, so it
/// need not run in constant time, and it cannot sign. A few milliseconds each; tests compare it with OpenSSL on the same inputs.
/// </summary>
public static class ManagedEd25519
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order =
        BigInteger.Pow(2, 252)
        + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Base = TryDecode([0x58, .. Enumerable.Repeat((byte)0x66, 31)], out var point)
        ? point
        : throw new CryptographicException();

    /// <summary>True when the 64 bytes are this key's signature over the message.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != 32 || signature.Length != 64 || !TryDecode(publicKey, out var key))
        {
            return false;
        }

        var s = Number(signature[32..]);
        if (s >= Order)
        {
            return false;
        }

        var k = Number(SHA512.HashData([.. signature[..32], .. publicKey, .. message])) % Order;
        return Encode(Add(Multiply(Base, s), Multiply(Negate(key), k))).AsSpan().SequenceEqual(signature[..32]);
    }

    private static BigInteger Number(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    private static BigInteger Mod(BigInteger value) => value % P is var rest && rest.Sign < 0 ? rest + P : rest;

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(value, P - 2, P);

    /// <summary>RFC 8032 §5.1.3.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> bytes, out Point point)
    {
        point = default;
        var sign = bytes[31] >> 7;
        var y = Number(bytes) & (BigInteger.Pow(2, 255) - 1);
        if (y >= P)
        {
            return false;
        }

        var square = Mod((y * y - 1) * Inverse(Mod(D * y * y + 1)));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod(x * x - square) != 0)
        {
            x = Mod(x * RootOfMinusOne);
        }

        if (Mod(x * x - square) != 0 || (x.IsZero && sign == 1))
        {
            return false;
        }

        x = (int)(x & 1) == sign ? x : P - x;
        point = new Point(x, y, 1, Mod(x * y));
        return true;
    }

    private static byte[] Encode(Point point)
    {
        var inverse = Inverse(point.Z);
        var (x, y) = (Mod(point.X * inverse), Mod(point.Y * inverse));
        var bytes = new byte[32];
        y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[31] |= (byte)((int)(x & 1) << 7);
        return bytes;
    }

    private static Point Negate(Point point) => new(Mod(-point.X), point.Y, point.Z, Mod(-point.T));

    private static Point Multiply(Point point, BigInteger scalar)
    {
        var result = new Point(0, 1, 1, 0);
        for (; !scalar.IsZero; scalar >>= 1)
        {
            result = scalar.IsEven ? result : Add(result, point);
            point = Add(point, point);
        }

        return result;
    }

    /// <summary>RFC 8032 §5.1.4, complete on this curve.</summary>
    private static Point Add(Point left, Point right)
    {
        var a = Mod((left.Y - left.X) * (right.Y - right.X));
        var b = Mod((left.Y + left.X) * (right.Y + right.X));
        var c = Mod(2 * left.T * right.T * D);
        var d = Mod(2 * left.Z * right.Z);
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
    }

    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);
}
