using System.Security.Cryptography;
using System.Text;
using Ledger;

namespace Sandbox.Pki;

/// <summary>
/// The folder that holds everything a town makes for itself: keys, certificates, the deployed contracts, the ledger.
/// It is the only place where a private key ever rests; files with secrets are created with mode 0600.
/// </summary>
public sealed class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Opens the folder, creating it for its owner alone.</summary>
    /// <param name="path">Folder; relative paths count from the working directory.</param>
    public StateFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Create(Root);
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Root { get; }

    /// <summary>Absolute path of something in the folder.</summary>
    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Makes a sub-folder (if need be) and gives its absolute path.</summary>
    public string Folder(params string[] parts)
    {
        var path = At(parts);
        Create(path);
        return path;
    }

    /// <summary>
    /// Writes a file that holds a secret: mode 0600 from its first byte, and complete or absent, because it is renamed
    /// into place. A crash leaves at most a temporary file that the next start overwrites.
    /// </summary>
    public static void WriteSecret(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(temporary, options))
            stream.Write(Encoding.UTF8.GetBytes(text));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Writes a public file whole: readers see the old bytes or the new ones. The temporary name starts with a dot, which
    /// readers of a watched folder pass over.
    /// </summary>
    public static void WritePublic(string path, string text)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new");
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a secret of random bytes (base64url text), making it on first use.</summary>
    /// <param name="path">File.</param>
    /// <param name="bytes">Length of the secret.</param>
    public static byte[] ReadOrCreateSecret(string path, int bytes)
    {
        if (!File.Exists(path))
            WriteSecret(path, System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes)));
        return System.Buffers.Text.Base64Url.DecodeFromChars(SecretFile.ReadText(path).AsSpan().Trim());
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnlyFolder);
    }
}
