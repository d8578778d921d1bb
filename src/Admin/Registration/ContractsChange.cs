using System.Collections.Immutable;
using Admin.CommandLine;
using Admin.Texts;
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

    /// <summary>Does the folder load, as it is since the change? What was wrong before may still be.</summary>
    internal bool Loads { get; private set; }

    /// <summary>Text of a file as it is now.</summary>
    internal string Read(string path) => File.ReadAllText(Path.Combine(_folder, path));

    /// <summary>Does the file exist now?</summary>
    internal bool Has(string path) => File.Exists(Path.Combine(_folder, path));

    /// <summary>Sets a file, below the folder. Files are written in the order in which they were set.</summary>
    internal void Set(string path, string text) => _files.Add((path, text));

    /// <summary>Judges, writes, and loads the whole folder again. Warnings of the changed files are given back.</summary>
    /// <exception cref="Declined">
    /// The loader finds an error that was not there before: nothing is written. Or the folder as written does not load: what was written
    /// is taken back.
    /// </exception>
    /// <param name="time">Clock.</param>
    /// <param name="mustLoad">The folder must load afterwards, whatever was wrong with it before.</param>
    internal ImmutableArray<LoadError> Apply(TimeProvider time, bool mustLoad = false)
    {
        var before = mustLoad ? [] : RegistryLoader.Load(_folder, time).Errors.Select(Signature).ToHashSet(StringComparer.Ordinal);
        var load = LoadChanged(time);
        var wrong = load.Errors.Where(error => error.Severity == LoadSeverity.Error && !before.Contains(Signature(error))).ToArray();
        if (wrong.Length > 0)
            throw new Declined("change-refused") { Errors = [.. wrong] };
        Write(time, before);
        return [.. load.Errors.Where(error => error.Severity == LoadSeverity.Warning && _files.Exists(file => file.Path == error.File))];
    }

    // Somebody may have changed other files meanwhile: what counts is whether the folder loads as it is now. A new file is taken away
    // again, an old
    // one gets its bytes back. A crash in between leaves what was judged sound on the copy.
    private void Write(TimeProvider time, HashSet<string> before)
    {
        var old = _files
            .Select(file => Path.Combine(_folder, file.Path))
            .Select(static path => (Path: path, Bytes: File.Exists(path) ? File.ReadAllBytes(path) : null))
            .ToList();
        try
        {
            foreach (var (path, text) in _files)
                Replace(Path.Combine(_folder, path), text);
            var now = RegistryLoader.Load(_folder, time);
            Loads = now.Registry is not null;
            var wrong = now.Errors.Where(error => error.Severity == LoadSeverity.Error && !before.Contains(Signature(error))).ToArray();
            if (wrong.Length > 0)
                throw new Declined("change-taken-back") { Errors = [.. wrong] };
        }
        catch
        {
            foreach (var (path, bytes) in old)
            {
                if (bytes is not null)
                    Replace(path, bytes);
                else
                    File.Delete(path);
            }

            throw;
        }
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
            foreach (
                var file in Directory
                    .EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
                    .Where(static file =>
                        file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal)
                    )
            )
                Write(Path.Combine(copy, Path.GetRelativePath(_folder, file)), PlainFile.Read(file, MostBytes));
            foreach (var (path, text) in _files)
                Write(Path.Combine(copy, path), System.Text.Encoding.UTF8.GetBytes(text));
            return RegistryLoader.Load(copy, time, operators: null, book);
        }
        catch (NotPlain found)
        {
            throw Declined.Usage("contracts-not-plain", _folder, found.Message);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>Crash before the rename: the old file, and a dot file that the loader passes over. After it: the new one.</summary>
    internal static void Replace(string path, string text) => Replace(path, System.Text.Encoding.UTF8.GetBytes(text));

    private static void Replace(string path, byte[] bytes)
    {
        using var folder = Posix.OpenDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new");
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            Posix.Fdatasync(file);
        }
        File.Move(temporary, path, overwrite: true);
        Posix.Fsync(folder);
    }

    private static string Signature(LoadError error) => LoadWords.Signature(error);

    private static void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
