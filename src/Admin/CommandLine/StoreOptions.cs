using System.CommandLine;
using Authority;
using Authority.Keys;
using Tokens.Operations;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.CommandLine;

/// <summary>Where the stores stand that the tool shares with the programs: told by the authority's own configuration, or one by one.</summary>
internal static class StoreOptions
{
    internal static Option<string?> Config { get; } = new("--config") { Description = "The authority's configuration file: ring, passphrase file, times and status list are read from it" };
    internal static Option<string?> StatusFile { get; } = new("--status-file") { Description = "Status list: SQLite file that the programs share" };
    internal static Option<string?> Ring { get; } = new("--ring") { Description = "Folder of the key ring" };
    internal static Option<string?> PassphraseFile { get; } = new("--passphrase-file") { Description = "File with the ring's passphrase" };

    /// <summary>Opens the status list.</summary>
    internal static ITokenStatus Status(ParseResult parsed, TimeProvider time)
    {
        if (parsed.GetValue(StatusFile) is { } file) return StatusStore.Open(new StoreSettings { File = Existing(file) }, time);
        var settings = Settings(parsed) ?? throw new Declined("Give --config or --status-file", Exit.Usage);
        return StatusStore.Open(settings.Status ?? new StoreSettings { File = Existing(Path.Combine(settings.State, "status.db")) }, time);
    }

    /// <summary>Folder and times of the ring.</summary>
    internal static (string Folder, KeyRingOptions Times) RingPlace(ParseResult parsed)
    {
        var settings = Settings(parsed);
        var folder = parsed.GetValue(Ring) ?? (settings is null ? throw new Declined("Give --config or --ring", Exit.Usage) : Path.Combine(settings.State, "keys"));
        // A ring is made by the authority's first start. Made here by a mistyped folder it would be nobody's.
        if (!File.Exists(Path.Combine(folder, "ring.json"))) throw new Declined($"{folder} holds no key ring", Exit.Usage);
        return (folder, settings?.Keys ?? new KeyRingOptions());
    }

    /// <summary>Opens the ring for a change. The passphrase comes from a file, never from the command line.</summary>
    internal static KeyRing OpenRing(ParseResult parsed, TimeProvider time)
    {
        var (folder, times) = RingPlace(parsed);
        var file = parsed.GetValue(PassphraseFile) ?? Settings(parsed)?.KeyPassphraseFile ?? throw new Declined("Give --config or --passphrase-file", Exit.Usage);
        try
        {
            return KeyRing.OpenForChange(folder, File.ReadAllText(file).Trim(), times, time);
        }
        catch (InvalidOperationException refused)
        {
            throw new Declined(refused.Message);
        }
    }

    // As strictly as the authority itself: with a setting left out the tool would stop or rotate something in another place.
    private static AuthoritySettings? Settings(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is not { } file) return null;
        try
        {
            var configuration = Startup.File(file);
            if (!configuration.GetSection("Authority").Exists()) throw new Declined($"{file} has no section Authority", Exit.Usage);
            return StrictSettings.Read<AuthoritySettings>(configuration, "Authority", out var mistake)
                ?? throw new Declined($"{file}: {mistake}", Exit.Usage);
        }
        catch (StartRefused refused)
        {
            throw new Declined(refused.Message, Exit.Usage);
        }
    }

    private static string Existing(string file) => File.Exists(file) ? file : throw new Declined($"{file} does not exist: a status list that no program reads stops nothing", Exit.Usage);
}
