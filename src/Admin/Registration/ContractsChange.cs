using System.Collections.Immutable;
using Admin.CommandLine;
using Agreements;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Ledger;

namespace Admin.Registration;

/// <summary>
/// A change of files of the contracts folder: judged whole by the loader on a copy, then written file by file, each atomically, key files
/// before the file that names them. What the loader would refuse is not written.
/// </summary>
internal sealed class ContractsChange
{
    // More than the loader takes, so that the loader says what is wrong with it.
    private const int MostBytes = 1 << 21;
    private readonly string _folder;
    private readonly List<(string Path, string Text)> _files = [];

    /// <param name="folder">Contracts folder.</param>
    internal ContractsChange(string folder) => _folder = folder;

    /// <summary>Text of a file as it is now.</summary>
    internal string Read(string path) => File.ReadAllText(Path.Combine(_folder, path));

    /// <summary>Does the file exist now?</summary>
    internal bool Has(string path) => File.Exists(Path.Combine(_folder, path));

    /// <summary>Sets a file, below the folder. Files are written in the order in which they were set.</summary>
    internal void Set(string path, string text) => _files.Add((path, text));

    /// <summary>Judges and writes. Warnings of the changed files are given back.</summary>
    /// <exception cref="Declined">The loader finds an error that was not there before; nothing is written.</exception>
    internal ImmutableArray<LoadError> Apply(TimeProvider time)
    {
        var before = RegistryLoader.Load(_folder, time).Errors.Select(Signature).ToHashSet(StringComparer.Ordinal);
        var load = LoadChanged(time);
        var wrong = load.Errors.Where(error => error.Severity == LoadSeverity.Error && !before.Contains(Signature(error))).ToArray();
        if (wrong.Length > 0) throw new Declined("The loader refuses this, nothing was written:\n" + string.Join('\n', wrong.AsEnumerable()));
        foreach (var (path, text) in _files) Replace(Path.Combine(_folder, path), text);
        return [.. load.Errors.Where(error => error.Severity == LoadSeverity.Warning && _files.Exists(file => file.Path == error.File))];
    }

    /// <summary>The registry as it would be; null when it would not load.</summary>
    internal Registry? Judge(TimeProvider time) => LoadChanged(time).Registry;

    /// <summary>The folder as it would be, with every error; nothing is written.</summary>
    internal RegistryLoad Load(TimeProvider time, LawBook? book) => LoadChanged(time, book);

    private RegistryLoad LoadChanged(TimeProvider time, LawBook? book = null)
    {
        var copy = Directory.CreateTempSubdirectory("gatewayctl-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(static file => file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal)))
                Write(Path.Combine(copy, Path.GetRelativePath(_folder, file)), PlainFile.Read(file, MostBytes));
            foreach (var (path, text) in _files) Write(Path.Combine(copy, path), System.Text.Encoding.UTF8.GetBytes(text));
            return RegistryLoader.Load(copy, time, operators: null, book);
        }
        catch (NotPlain found)
        {
            throw new Declined($"In {_folder} stands {found.Message}: gatewayctl agreement check", Exit.Usage);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>Crash before the rename: the old file, and a dot file that the loader passes over. After it: the new one.</summary>
    internal static void Replace(string path, string text)
    {
        using var folder = Posix.OpenDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new");
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(text), 0);
            Posix.Fdatasync(file);
        }
        File.Move(temporary, path, overwrite: true);
        Posix.Fsync(folder);
    }

    private static string Signature(LoadError error) => $"{error.File}: {error.What}";

    private static void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
