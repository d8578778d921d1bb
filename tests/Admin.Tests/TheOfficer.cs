using Admin.CommandLine;

namespace Admin.Tests;

/// <summary>An officer with a key of the operators file, as whoever reads the access log needs it.</summary>
internal static class TheOfficer
{
    public const string Id = "off-07";

    /// <summary>Makes the officer's key once and gives the options that name officer, key, operators file, reason and texts.</summary>
    public static async Task<string[]> In(TemporaryFolder folder, string officer = Id, string reason = "complaint of a person")
    {
        foreach (var id in new[] { Id, "off-08" })
        {
            if (File.Exists(folder.At(id + ".key")))
                continue;
            var line = (string)(await Ctl.Run("operator", "new", id, "--out", folder.Path, "--json")).Ended(Exit.Ok).Json["line"]!;
            await File.AppendAllTextAsync(folder.At("officers"), line + "\n");
        }

        return
        [
            "--officer",
            officer,
            "--officer-key",
            folder.At(Id + ".key"),
            "--operators",
            folder.At("officers"),
            "--reason",
            reason,
            "--texts",
            folder.At("texts"),
        ];
    }
}
