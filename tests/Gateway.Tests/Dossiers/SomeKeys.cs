using Gateway.Authorization;
using Sandbox.Persons;

namespace Gateway.Tests.Dossiers;

/// <summary>Keys of a node, without its files.</summary>
internal static class SomeKeys
{
    /// <summary>Keys whose dossier key is this digit, 64 times.</summary>
    public static SectorKeys With(char digit = '7')
    {
        var folder = Directory.CreateTempSubdirectory("keys-").FullName;
        foreach (var sector in SectorToken.Sectors)
            Write(folder, $"sector.{sector}.key", Convert.ToHexStringLower(SectorToken.SandboxKey(sector)));
        Write(folder, "dossier.key", new string(digit, 64));
        var keys = SectorKeys.Load(folder, development: true);
        Directory.Delete(folder, recursive: true);
        return keys;
    }

    private static void Write(string folder, string name, string text)
    {
        using var file = new FileStream(
            Path.Combine(folder, name),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
