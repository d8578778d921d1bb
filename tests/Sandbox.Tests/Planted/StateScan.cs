using System.Diagnostics;

namespace Sandbox.Tests.Planted;

/// <summary>Looks through everything that running programs left or show.</summary>
/// <param name="root">State folder.</param>
internal sealed class StateScan(string root)
{
    // Where secrets are meant to be: the key store, the private keys of the sandbox's own certificates, and the file that tells a newcomer
    // whom to ask about.
    private static readonly string[] Stores = ["keys/", "sandbox.json"];

    /// <summary>What was looked at, with its size.</summary>
    public SortedDictionary<string, long> Looked { get; } = new(StringComparer.Ordinal);

    /// <summary>What was passed over because secrets belong there.</summary>
    public SortedSet<string> PassedOver { get; } = new(StringComparer.Ordinal);

    /// <summary>Where values were found: place and kind.</summary>
    public SortedSet<string> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Every file below the root, taken while its owner holds and writes it: a copy, as an intruder would make it.</summary>
    public async Task FilesAsync(PlantedValues values)
    {
        var copy = Directory.CreateTempSubdirectory("scan-").FullName;
        try
        {
            // A file that is replaced meanwhile makes cp complain; its successor is looked at, and what must be there is asked for by the
            // test.
            using (var cp = Process.Start("cp", ["-a", root + "/.", copy]))
                await cp.WaitForExitAsync();
            foreach (var path in Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(copy, path);
                if (
                    Stores.Any(store => name.StartsWith(store, StringComparison.Ordinal))
                    || (name.StartsWith("pki/", StringComparison.Ordinal) && name.EndsWith(".key", StringComparison.Ordinal))
                )
                    PassedOver.Add(name);
                else if (!name.EndsWith(".sock", StringComparison.Ordinal))
                    Look(name, await File.ReadAllBytesAsync(path), values);
            }
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>A text that a program shows.</summary>
    public void Look(string name, ReadOnlySpan<byte> bytes, PlantedValues values)
    {
        Looked[name] = bytes.Length;
        foreach (var kind in values.FindIn(bytes))
            Found.Add($"{name}: {kind}");
    }
}
