using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ledger.Notes;

namespace Ledger;

/// <summary>
/// SHA-256 of one prefix byte and data: the only hash of the tree. OpenSSL's own SHA-256 is called without the envelope that .NET and EVP
/// put round each call, which for the 65 bytes of a node costs four times the hash. Where OpenSSL does not offer it, .NET hashes.
/// </summary>
internal static class Sha256
{
    // A call this short may keep the garbage collector waiting (0.7 µs); a longer one must let it go on.
    private const int Short = 1024;
    private static readonly bool IsDirect =
        Libcrypto.Offers("SHA256_Init", "SHA256_Update", "SHA256_Final") && Direct(0, "abc"u8) == Managed(0, "abc"u8);

    /// <summary>The hash of <paramref name="prefix"/> followed by <paramref name="data"/>.</summary>
    public static TreeHash Of(byte prefix, ReadOnlySpan<byte> data) => IsDirect ? Direct(prefix, data) : Managed(prefix, data);

    [SkipLocalsInit]
    private static TreeHash Direct(byte prefix, ReadOnlySpan<byte> data)
    {
        Unsafe.SkipInit(out Libcrypto.Sha256Context context);
        Unsafe.SkipInit(out TreeHash hash);
        _ = Libcrypto.SHA256_Init(ref context);
        _ = Libcrypto.SHA256_Short(ref context, new ReadOnlySpan<byte>(in prefix), 1);
        if (data.Length <= Short)
        {
            _ = Libcrypto.SHA256_Short(ref context, data, (nuint)data.Length);
        }
        else
        {
            _ = Libcrypto.SHA256_Update(ref context, data, (nuint)data.Length);
        }

        _ = Libcrypto.SHA256_Final(ref hash, ref context);
        return hash;
    }

    private static TreeHash Managed(byte prefix, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(new ReadOnlySpan<byte>(in prefix));
        hash.AppendData(data);
        Span<byte> bytes = stackalloc byte[TreeHash.Length];
        hash.GetHashAndReset(bytes);
        return MemoryMarshal.Read<TreeHash>(bytes);
    }
}
