using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading;

/// <summary>
/// The bytes of all files of a contracts directory, read once: digest and content are of the same instant, whatever happens on disk
/// meanwhile.
/// </summary>
internal sealed class ContractFiles
{
    /// <summary>The operators' approvals of the set: no part of it.</summary>
    public const string ApprovalsFile = "approvals.yaml";

    /// <summary>What is stopped: what it adds holds whatever the other files say.</summary>
    public const string SuspensionsFile = "suspensions.yaml";

    private const int MaxFiles = 50_000;

    // More than a file may have, so that a stop behind too much else is found all the same.
    private const int MaxBytesOfStops = 1 << 24;

    private static readonly (string Folder, string[] Extensions)[] Folders =
    [
        ("agreements", [".yaml"]),
        ("fhir", [".yaml"]),
        ("former", [".yaml"]),
        ("institutions", [".yaml", ".json"]),
        ("openapi", [".yaml"]),
        ("reference", [".yaml"]),
    ];

    private readonly SortedDictionary<string, ContractFile> _files = new(StringComparer.Ordinal);
    private readonly List<LoadError> _errors = [];
    private readonly string _directory;
    private readonly FileMemory? _memory;
    private string _real = "";

    private ContractFiles(string directory, FileMemory? memory) => (_directory, _memory) = (directory, memory);

    /// <summary>
    /// First 16 bytes, base64url, of the SHA-256 over one line for each file in the order of paths: the SHA-256 of the file, two spaces,
    /// its path. <c>sha256sum</c> of the files, sorted by path, gives the same bytes.
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
            files.Refuse(".", "set-unlisted", Blank.List(Folders.Select(static one => one.Folder)));
        }
        memory?.Keep(files._files.Keys);
        files.Hash();
        errors.AddRange(files._errors);
        return files;
    }

    private void ReadAll(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException();
        _real = PlainFile.RealFolder(directory);
        // First, and by its name: no other file, and no number of them, keeps a stop from being read.
        if (Path.Combine(directory, SuspensionsFile) is var stops && IsThere(stops))
            Add("", stops, [".yaml"]);
        foreach (var (folder, extensions) in Folders)
            Listed(folder, () =>
            {
                var path = Path.Combine(directory, folder);
                if (Directory.Exists(path))
                    Add(folder, Directory.EnumerateFileSystemEntries(path), extensions);
                else if (IsThere(path))
                    Refuse(folder, "not-folder");
            });
        Listed(".", () => Add("", Directory.EnumerateFileSystemEntries(directory).Where(IsOfTheSet), [".yaml"]));
    }

    private void Refuse(string file, string code, params ReadOnlySpan<Blank> blanks) =>
        _errors.Add(new LoadError(file, 0, code, [.. blanks], LoadSeverity.Error));

    private static bool IsThere(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    // A stop written into suspensions.yml would stop nothing, so what looks like law and is none is refused here too.
    private bool IsOfTheSet(string path)
    {
        var name = Path.GetFileName(path);
        if (name is SuspensionsFile || Path.GetExtension(name) is not (".yaml" or ".yml") || name.StartsWith('.'))
            return false;
        if (name is ApprovalsFile)
            return true;
        Refuse(name, "file-of-nobody", Blank.List((string[])[SuspensionsFile, ApprovalsFile]));
        return false;
    }

    // A folder that cannot be listed makes the set invalid; it keeps nothing else from being read.
    private void Listed(string folder, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Refuse(folder, "folder-unlistable");
        }
    }

    private void Add(string folder, IEnumerable<string> paths, string[] extensions)
    {
        foreach (var path in paths)
        {
            Add(folder, path, extensions);
            if (_files.Count + _errors.Count < MaxFiles)
                continue;
            Refuse(folder, "too-many-files", FindingWords.Number(MaxFiles));
            return;
        }
    }

    /// <summary>
    /// Bytes of a file by its path below the directory; null when there is none. A file that is known from before is read now, and must be
    /// what it was when its digest was taken.
    /// </summary>
    public byte[]? Find(string path)
    {
        if (_files.GetValueOrDefault(path) is not { } file)
            return null;
        if (file.Bytes is { } bytes)
            return bytes;
        bytes = PlainFile.Read(Path.Combine(_directory, path), StrictYaml.MaxBytes, _real);
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(file.Sha256)
            ? bytes
            : throw new IOException("a file changed while the set was read");
    }

    /// <summary>As <see cref="Find"/>, and null too when the file changes just now.</summary>
    public byte[]? FindOrNothing(string path)
    {
        try
        {
            return Find(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>SHA-256 of a file, lower-case hex; null when there is none.</summary>
    public string? Sha256Of(string path) => _files.GetValueOrDefault(path) is { } file ? Convert.ToHexStringLower(file.Sha256) : null;

    /// <summary>All paths, in order.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>Paths of a folder with an extension, in order.</summary>
    public IEnumerable<string> In(string folder, string extension) =>
        _files.Keys.Where(path =>
            path.StartsWith($"{folder}/", StringComparison.Ordinal) && path.EndsWith(extension, StringComparison.Ordinal)
        );

    private void Add(string folder, string path, string[] extensions)
    {
        var name = Path.GetFileName(path);
        var relative = folder.Length == 0 ? name : $"{folder}/{name}";
        // Editors leave dot files; READMEs and the folder of FHIR examples are for people.
        if (relative == "fhir/examples" && Directory.Exists(path))
            return;
        if (name.StartsWith('.') || name.EndsWith('~') || name.EndsWith(".md", StringComparison.Ordinal))
            return;
        if (!extensions.Contains(Path.GetExtension(name)))
            Refuse(relative, "file-ending", Blank.List(extensions));
        else if (name.Any(static sign => !char.IsAsciiLetterOrDigit(sign) && sign is not ('-' or '_' or '.')))
            Refuse(relative, "file-name");
        else
            try
            {
                if (folder is "agreements" or "former" && _memory?.Find(relative, path) is { } known)
                    _files[relative] = known;
                else
                {
                    var stamp = FileMemory.StampOf(path);
                    var bytes = PlainFile.Read(path, relative == SuspensionsFile ? MaxBytesOfStops : StrictYaml.MaxBytes, _real);
                    _files[relative] = new ContractFile(bytes, SHA256.HashData(bytes));
                    if (folder is "agreements" or "former")
                        _memory?.Add(relative, stamp, _files[relative].Sha256);
                }
            }
            catch (NotPlain found)
            {
                Refuse(relative, found.Code);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Refuse(relative, "file-unreadable");
            }
    }

    private void Hash()
    {
        using IncrementalHash whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            approvable = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, file) in _files)
        {
            if (path == ApprovalsFile)
                continue;
            var line = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(file.Sha256)}  {path}\n");
            whole.AppendData(line);
            if (path != SuspensionsFile)
                approvable.AppendData(line);
        }
        // A set with files that cannot be read is another set than the one without them: mending it must be noticed.
        foreach (var error in _errors)
            whole.AppendData(Encoding.UTF8.GetBytes(error.ToString()));
        Digest = Base64Url.EncodeToString(whole.GetHashAndReset().AsSpan(0, 16));
        Approvable = Convert.ToHexStringLower(approvable.GetHashAndReset());
        Fingerprint = $"{Digest} {Sha256Of(ApprovalsFile)}";
    }
}

/// <summary>One file of the set.</summary>
/// <param name="Bytes">Its bytes; null when it is known from before and was not read.</param>
/// <param name="Sha256">Its digest.</param>
internal sealed record ContractFile(byte[]? Bytes, byte[] Sha256);
