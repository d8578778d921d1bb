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
    /// <summary>The operators' approvals of the set: no part of it.</summary>
    public const string ApprovalsFile = "approvals.yaml";

    private const int MaxFiles = 50_000;

    private static readonly (string Folder, string[] Extensions)[] Folders =
    [
        ("agreements", [".yaml"]), ("fhir", [".yaml"]), ("former", [".yaml"]), ("institutions", [".yaml", ".json"]), ("openapi", [".yaml"]), ("reference", [".yaml"]),
    ];

    private readonly SortedDictionary<string, ContractFile> _files = new(StringComparer.Ordinal);
    private readonly List<LoadError> _errors = [];
    private readonly string _directory;
    private readonly FileMemory? _memory;

    private ContractFiles(string directory, FileMemory? memory) => (_directory, _memory) = (directory, memory);

    /// <summary>
    /// First 16 bytes, base64url, of the SHA-256 over one line for each file in the order of paths: the SHA-256 of the file, two spaces, its
    /// path. <c>sha256sum</c> of the files, sorted by path, gives the same bytes.
    /// </summary>
    public string Digest { get; private set; } = "";

    /// <summary>Lower-case hex SHA-256 over the same lines without <c>suspensions.yaml</c>: what operators approve.</summary>
    public string Approvable { get; private set; } = "";

    /// <summary>Changes with everything that a load looks at: the set, and the approvals of it.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>Reads the directory; what cannot be read is reported and makes the set invalid.</summary>
    /// <param name="directory">Contracts folder.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="memory">Agreements that were read before and have not changed are not read again; null reads everything.</param>
    public static ContractFiles Read(string directory, List<LoadError> errors, FileMemory? memory = null)
    {
        var files = new ContractFiles(directory, memory);
        try
        {
            files.ReadAll(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            files._errors.Add(new LoadError(".", 0, "the contracts directory does not exist or cannot be listed", "Point the configuration to the folder that holds agreements, institutions, openapi, fhir and reference", LoadSeverity.Error));
        }
        memory?.Keep(files._files.Keys);
        files.Hash();
        errors.AddRange(files._errors);
        return files;
    }

    private void ReadAll(string directory)
    {
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException();
        foreach (var (folder, extensions) in Folders)
            if (Directory.Exists(Path.Combine(directory, folder)))
                foreach (var path in Directory.EnumerateFiles(Path.Combine(directory, folder))) Add(folder, path, extensions);
        foreach (var name in (ImmutableArray<string>)["suspensions.yaml", ApprovalsFile])
            if (File.Exists(Path.Combine(directory, name))) Add("", Path.Combine(directory, name), [".yaml"]);
    }

    /// <summary>
    /// Bytes of a file by its path below the directory; null when there is none. A file that is known from before is read now, and must be what
    /// it was when its digest was taken.
    /// </summary>
    public byte[]? Find(string path)
    {
        if (_files.GetValueOrDefault(path) is not { } file) return null;
        if (file.Bytes is { } bytes) return bytes;
        bytes = ReadWhole(Path.Combine(_directory, path));
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(file.Sha256) ? bytes : throw new IOException("a file changed while the set was read");
    }

    /// <summary>SHA-256 of a file, lower-case hex; null when there is none.</summary>
    public string? Sha256Of(string path) => _files.GetValueOrDefault(path) is { } file ? Convert.ToHexStringLower(file.Sha256) : null;

    /// <summary>All paths, in order.</summary>
    public IEnumerable<string> Paths => _files.Keys;

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
                if (folder is "agreements" or "former" && _memory?.Find(relative, path) is { } known) _files[relative] = known;
                else
                {
                    var stamp = FileMemory.StampOf(path);
                    var bytes = ReadWhole(path);
                    _files[relative] = new ContractFile(bytes, SHA256.HashData(bytes));
                    if (folder is "agreements" or "former") _memory?.Add(relative, stamp, _files[relative].Sha256);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _errors.Add(new LoadError(relative, 0, "the file cannot be read", "Check that it is a plain file and that the process may read it", LoadSeverity.Error));
            }
    }

    private static byte[] ReadWhole(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // One byte more than allowed shows that the file is too long, without reading the rest of it.
        var buffer = new byte[Math.Min(stream.Length, StrictYaml.MaxBytes) + 1];
        return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
    }

    private void Hash()
    {
        using IncrementalHash whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256), approvable = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, file) in _files)
        {
            if (path == ApprovalsFile) continue;
            var line = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(file.Sha256)}  {path}\n");
            whole.AppendData(line);
            if (path != "suspensions.yaml") approvable.AppendData(line);
        }
        // A set with files that cannot be read is another set than the one without them: mending it must be noticed.
        foreach (var error in _errors) whole.AppendData(Encoding.UTF8.GetBytes(error.ToString()));
        Digest = Base64Url.EncodeToString(whole.GetHashAndReset().AsSpan(0, 16));
        Approvable = Convert.ToHexStringLower(approvable.GetHashAndReset());
        Fingerprint = $"{Digest} {Sha256Of(ApprovalsFile)}";
    }
}

/// <summary>One file of the set.</summary>
/// <param name="Bytes">Its bytes; null when it is known from before and was not read.</param>
/// <param name="Sha256">Its digest.</param>
internal sealed record ContractFile(byte[]? Bytes, byte[] Sha256);
