using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>
/// The bytes of all files of a contracts directory, read once: digest and content are of the same instant, whatever happens on disk meanwhile.
/// </summary>
internal sealed class ContractFiles
{
    private const int MaxFiles = 50_000;

    private static readonly (string Folder, string[] Extensions)[] Folders =
    [
        ("agreements", [".yaml"]), ("fhir", [".yaml"]), ("institutions", [".yaml", ".json"]), ("openapi", [".yaml"]), ("reference", [".yaml"]),
    ];

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<LoadError> _errors = [];

    private ContractFiles()
    {
    }

    /// <summary>First 16 bytes of the SHA-256 over names, lengths and contents in the order of names, base64url.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Reads the directory; what cannot be read is reported and makes the set invalid.</summary>
    public static ContractFiles Read(string directory, List<LoadError> errors)
    {
        var files = new ContractFiles();
        try
        {
            files.ReadAll(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            files._errors.Add(new LoadError(".", 0, "the contracts directory does not exist or cannot be listed", "Point the configuration to the folder that holds agreements, institutions, openapi, fhir and reference", LoadSeverity.Error));
        }
        files.Digest = files.Hash();
        errors.AddRange(files._errors);
        return files;
    }

    private void ReadAll(string directory)
    {
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException();
        foreach (var (folder, extensions) in Folders)
            if (Directory.Exists(Path.Combine(directory, folder)))
                foreach (var path in Directory.EnumerateFiles(Path.Combine(directory, folder))) Add(folder, path, extensions);
        var suspensions = Path.Combine(directory, "suspensions.yaml");
        if (File.Exists(suspensions)) Add("", suspensions, [".yaml"]);
    }

    /// <summary>Bytes of a file by its path below the directory; null when there is none.</summary>
    public byte[]? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Paths of a folder with an extension, in order.</summary>
    public IEnumerable<string> In(string folder, string extension) =>
        _files.Keys.Where(path => path.StartsWith($"{folder}/", StringComparison.Ordinal) && path.EndsWith(extension, StringComparison.Ordinal));

    private void Add(string folder, string path, string[] extensions)
    {
        var name = Path.GetFileName(path);
        var relative = folder.Length == 0 ? name : $"{folder}/{name}";
        // Editors leave dot files and README is for people.
        if (name.StartsWith('.') || name.EndsWith('~') || name.EndsWith(".md", StringComparison.Ordinal)) return;
        if (!extensions.Contains(Path.GetExtension(name)))
            _errors.Add(new LoadError(relative, 0, "a file that nobody reads", $"Rename it to end in {string.Join(" or ", extensions)}, or move it away", LoadSeverity.Error));
        else if (_files.Count >= MaxFiles)
            _errors.Add(new LoadError(relative, 0, $"more than {MaxFiles} files", "Remove files", LoadSeverity.Error));
        else
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                // One byte more than allowed shows that the file is too long, without reading the rest of it.
                var buffer = new byte[Math.Min(stream.Length, StrictYaml.MaxBytes) + 1];
                var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                _files[relative] = buffer[..length];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _errors.Add(new LoadError(relative, 0, "the file cannot be read", "Check that it is a plain file and that the process may read it", LoadSeverity.Error));
            }
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        foreach (var (path, bytes) in _files)
        {
            foreach (var part in (ImmutableArray<byte[]>)[Encoding.UTF8.GetBytes(path), bytes])
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(length, part.Length);
                hash.AppendData(length);
                hash.AppendData(part);
            }
        }
        // A set with files that cannot be read is another set than the one without them: mending it must be noticed.
        foreach (var error in _errors) hash.AppendData(Encoding.UTF8.GetBytes(error.ToString()));
        return Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
