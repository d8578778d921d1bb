using System.Reflection;
using System.Runtime.InteropServices;

namespace Ledger.Notes;

/// <summary>The part of OpenSSL 3 that Ed25519 needs, of which .NET 10 has none of its own, and its SHA-256 without an envelope.</summary>
internal static partial class Libcrypto
{
    public const int Ed25519 = 1087;
    private const string Name = "libcrypto";
    private static readonly string[] Candidates = ["libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto.so"];

    static Libcrypto() => NativeLibrary.SetDllImportResolver(typeof(Libcrypto).Assembly, Resolve);

    /// <summary>Whether the library is on this machine.</summary>
    public static bool IsPresent { get; } = Resolve(Name, typeof(Libcrypto).Assembly, null) != 0;

    /// <summary>Whether the library is there and exports all of these: some builds leave out what OpenSSL 3 calls deprecated.</summary>
    public static bool Offers(params ReadOnlySpan<string> functions)
    {
        var library = Resolve(Name, typeof(Libcrypto).Assembly, null);
        foreach (var function in functions)
        {
            if (library == 0 || !NativeLibrary.TryGetExport(library, function, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path)
    {
        if (library == Name)
        {
            foreach (var candidate in Candidates)
            {
                if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
                {
                    return handle;
                }
            }
        }

        return 0;
    }

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> bytes, ref nuint length);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial ContextHandle EVP_MD_CTX_new();

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EVP_DigestSignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EVP_DigestSign(
        ContextHandle context,
        Span<byte> signature,
        ref nuint length,
        ReadOnlySpan<byte> data,
        nuint dataLength
    );

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EVP_DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EVP_DigestVerify(
        ContextHandle context,
        ReadOnlySpan<byte> signature,
        nuint length,
        ReadOnlySpan<byte> data,
        nuint dataLength
    );

    [LibraryImport(Name), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SHA256_Init(ref Sha256Context context);

    [LibraryImport(Name, EntryPoint = "SHA256_Update"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SHA256_Short(ref Sha256Context context, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Name)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SHA256_Update(ref Sha256Context context, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Name), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SHA256_Final(ref TreeHash hash, ref Sha256Context context);

    /// <summary>SHA256_CTX: 112 bytes in every release since 0.9.8, with room to spare.</summary>
    [System.Runtime.CompilerServices.InlineArray(32)]
    internal struct Sha256Context
    {
        private ulong _first;
    }

    internal sealed class KeyHandle() : SafeHandle(0, true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    internal sealed class ContextHandle() : SafeHandle(0, true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}
