using System.Net;
using System.Text;
using Tokens.Stores;

namespace Tokens.Operations;

/// <summary>Looks at settings before anything is opened, and tells all that is wrong with them at once.</summary>
/// <param name="section">Name of the program's section.</param>
public sealed class SettingsCheck(string section)
{
    /// <summary>Bytes that the path of a Unix socket may have.</summary>
    public const int LongestSocket = 107;
    private readonly List<string> _faults = [];

    /// <summary>A text that must be there.</summary>
    public SettingsCheck Needs(string name, string? value) => Holds(name, !string.IsNullOrWhiteSpace(value), "is not set");

    /// <summary>A file that must be there.</summary>
    public SettingsCheck NeedsFile(string name, string? path) => Needs(name, path).MayName(name, path);

    /// <summary>A file that must be there if it is named.</summary>
    public SettingsCheck MayName(string name, string? path) =>
        Holds(name, string.IsNullOrWhiteSpace(path) || File.Exists(path), $"names {Whole(path)}, which is not there, or is no file");

    /// <summary>A file with a secret that must be there, and be nobody else's to read or change.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="path">The file.</param>
    /// <param name="whyNot">How a file breaks the rule for secrets, in words that follow its name; null when it does not.</param>
    public SettingsCheck NeedsSecret(string name, string? path, Func<string, string?> whyNot) =>
        NeedsFile(name, path).MayKeep(name, path, whyNot);

    /// <summary>A file with a secret, if it is named and there.</summary>
    public SettingsCheck MayKeep(string name, string? path, Func<string, string?> whyNot) =>
        !string.IsNullOrWhiteSpace(path) && whyNot(path) is { } words
            ? Holds(name, isSound: false, $"names {Whole(path)}, which {words}")
            : this;

    /// <summary>A folder whose files of a pattern are secrets.</summary>
    public SettingsCheck MayKeepIn(string name, string? folder, string pattern, Func<string, string?> whyNot)
    {
        if (string.IsNullOrWhiteSpace(folder) || !Directory.Exists(folder))
            return this;
        foreach (var file in Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal))
            if (whyNot(file) is { } words)
                Holds(name, isSound: false, $"names a folder with {Whole(file)}, which {words}");
        return this;
    }

    /// <summary>A folder that must be there.</summary>
    public SettingsCheck NeedsFolder(string name, string? path) =>
        Needs(name, path)
            .Holds(
                name,
                string.IsNullOrWhiteSpace(path) || Directory.Exists(path),
                $"names {Whole(path)}, which is not there, or is no folder"
            );

    /// <summary>A folder to write in, if it is named; it is made when it is not there.</summary>
    public SettingsCheck MayWriteIn(string name, string? folder) =>
        Holds(
            name,
            string.IsNullOrWhiteSpace(folder) || CanWriteIn(folder),
            $"names {Whole(folder)}, a folder that cannot be made, or not be written in"
        );

    /// <summary>A file to write, if it is named; it need not be there, and its folder is made when it is not.</summary>
    public SettingsCheck MayWrite(string name, string? file) =>
        Holds(
            name,
            string.IsNullOrWhiteSpace(file) || (!Directory.Exists(file) && CanWriteIn(Path.GetDirectoryName(Path.GetFullPath(file))!)),
            $"names {Whole(file)}, a file that cannot be written"
        );

    /// <summary>A store: one place, a connection string that can be used, a password file that is there, a folder that can be written in.
    /// No server is asked.</summary>
    public SettingsCheck Store(string name, StoreSettings? store)
    {
        if (store is null)
            return this;
        var fault = store.Fault();
        return Holds(name, fault is null, fault ?? "")
            .MayName($"{name}:PasswordFile", store.PasswordFile)
            .MayWrite($"{name}:File", fault is null ? store.Place : null);
    }

    /// <summary>A store that is a server or nothing: a file would not be used.</summary>
    public SettingsCheck MayBeServer(string name, StoreSettings store) =>
        Holds(name, store.File is not { Length: > 0 }, "names a File, which is not used here: name Postgres, or nothing")
            .Store(name, store.Postgres is { Length: > 0 } ? store : null);

    /// <summary>A Unix socket to listen on, if it is named; its folder is made when it is not there.</summary>
    public SettingsCheck MayListenAt(string name, string? path) =>
        Holds(
                name,
                string.IsNullOrWhiteSpace(path) || Encoding.UTF8.GetByteCount(path) <= LongestSocket,
                $"has more than {LongestSocket} bytes, the longest path of a socket"
            )
            .MayWrite(name, path);

    /// <summary>A path outside the folder of contracts, where a person who may write contracts cannot write.</summary>
    public SettingsCheck Outside(string name, string? path, string contracts) =>
        Holds(
            name,
            string.IsNullOrWhiteSpace(path) || string.IsNullOrWhiteSpace(contracts) || !LiesIn(path, contracts),
            $"names {Whole(path)}, which lies in the folder of contracts: a writer of contracts could change it"
        );

    /// <summary>An https address.</summary>
    public SettingsCheck NeedsHttps(string name, string? address) => Needs(name, address).MayBeHttps(name, address);

    /// <summary>An https address, if it is set.</summary>
    public SettingsCheck MayBeHttps(string name, string? address) =>
        Holds(
            name,
            string.IsNullOrWhiteSpace(address)
                || (Ascii.IsValid(address) && Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps),
            "is no https address"
        );

    /// <summary>A number, or a time in seconds, without which nothing would ever be served.</summary>
    public SettingsCheck AboveZero(string name, double value) => Holds(name, value > 0, "must be above zero");

    /// <summary>A time between red readiness and closed listeners.</summary>
    public SettingsCheck Grace(string name, TimeSpan value) =>
        Holds(name, value >= TimeSpan.Zero && value <= Leaving.Longest, $"must be between 00:00:00 and {Leaving.Longest}");

    /// <summary>A port to listen on; 0 takes a free one, null opens none.</summary>
    public SettingsCheck Port(string name, int? port) => Holds(name, port is null or (>= 0 and <= 65_535), $"is {port}, which is no port");

    /// <summary>An address to listen on: <c>localhost</c>, <c>*</c>, or an IP address.</summary>
    public SettingsCheck Binds(string name, string address) =>
        Holds(
            name,
            address is "localhost" or "*" || IPAddress.TryParse(address, out _),
            $"is '{address}': give localhost, an IP address, or *"
        );

    /// <summary>Anything else.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="isSound">It is as it should be.</param>
    /// <param name="words">What is wrong when it is not; follows the name.</param>
    public SettingsCheck Holds(string name, bool isSound, string words)
    {
        if (!isSound)
            _faults.Add($"{section}:{name} {words}");
        return this;
    }

    /// <summary>Ends the check.</summary>
    /// <exception cref="StartRefused">There is a fault.</exception>
    public void Throw()
    {
        if (_faults.Count > 0)
            throw new StartRefused(_faults);
    }

    private static bool CanWriteIn(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            };
            using var file = new FileStream(Path.Combine(folder, "." + Path.GetRandomFileName()), probe);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // By its own name, which could be made to lead elsewhere, and by where that leads.
    private static bool LiesIn(string path, string folder)
    {
        var (whole, home) = (Path.GetFullPath(path), Real(folder) + Path.DirectorySeparatorChar);
        var named = Path.Combine(Real(Path.GetDirectoryName(whole) ?? whole), Path.GetFileName(whole));
        return $"{named}{Path.DirectorySeparatorChar}".StartsWith(home, StringComparison.Ordinal)
            || $"{Real(whole)}{Path.DirectorySeparatorChar}".StartsWith(home, StringComparison.Ordinal);
    }

    private static string Real(string path)
    {
        var whole = Path.GetFullPath(path);
        var at = Path.GetPathRoot(whole)!;
        foreach (var part in whole[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, part);
            if (new FileInfo(at).LinkTarget is null)
                continue;
            if (File.ResolveLinkTarget(at, returnFinalTarget: true) is { } target)
                at = Real(target.FullName);
        }
        return at;
    }

    private static string Whole(string? path) => string.IsNullOrWhiteSpace(path) ? "" : Path.GetFullPath(path);
}
