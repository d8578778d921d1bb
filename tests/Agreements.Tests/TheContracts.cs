using System.Security.Cryptography;
using Agreements.Loading;
using Contracts;

namespace Agreements.Tests;

/// <summary>A copy of the committed contracts in a temporary folder, with keys and signatures made on the spot.</summary>
internal sealed class TheContracts : IDisposable
{
    private static readonly Lazy<(string Path, byte[] Bytes)[]> Signed = new(() => Made(signed: true));
    private static readonly Lazy<(string Path, byte[] Bytes)[]> Unsigned = new(() => Made(signed: false));
    private readonly CopiedContracts _copy = new(Directory.CreateTempSubdirectory("contracts-").FullName);

    public TheContracts(bool signed = true)
    {
        foreach (var (path, bytes) in (signed ? Signed : Unsigned).Value)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
            File.WriteAllBytes(At(path), bytes);
        }
    }

    // Made once: copying it is cheaper than signing it for every test.
    private static (string Path, byte[] Bytes)[] Made(bool signed)
    {
        var folder = Directory.CreateTempSubdirectory("contracts-").FullName;
        var copy = CopiedContracts.To(folder);
        copy.WriteKeys();
        if (signed)
            copy.SignAll();
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
        (string, byte[])[] made = [.. files.Select(path => (Path.GetRelativePath(folder, path), File.ReadAllBytes(path)))];
        Directory.Delete(folder, recursive: true);
        return made;
    }

    public static string Committed => CopiedContracts.Committed;

    public string Folder => _copy.Folder;

    public static FixedTime Time { get; } = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public static DateOnly Today { get; } = new(2026, 11, 21);

    public static ECDsa Key(string name) => CopiedContracts.Key(name);

    public string At(string path) => _copy.At(path);

    public string Read(string path) => File.ReadAllText(At(path));

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    /// <summary>Replaces a text that must occur, and gives the line on which it first did.</summary>
    public int Edit(string path, string what, string with)
    {
        var text = Read(path);
        var at = text.IndexOf(what, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{what}' does not occur in {path}");
        Write(path, text[..at] + with + text[(at + what.Length)..]);
        return text[..at].Count(c => c == '\n') + 1;
    }

    public void Sign(string agreement) => _copy.Sign(agreement);

    public RegistryLoad Load() => RegistryLoader.Load(Folder, Time);

    public Registry Registry()
    {
        var load = Load();
        Assert.Empty(load.Errors.Where(error => error.Severity is LoadSeverity.Error).Select(error => error.ToString()));
        return load.Registry!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static string Jwk(string name) => CopiedContracts.Jwk(Key(name));

    public static string Base64Url(byte[] bytes) => CopiedContracts.Base64Url(bytes);
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
