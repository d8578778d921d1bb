using System.CommandLine;
using Admin.Texts;
using Authority;
using Authority.Keys;
using Ledger;
using Tokens.Operations;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.CommandLine;

/// <summary>
/// Where the stores stand that the tool shares with the programs: told by the authority's own configuration, or one by one.
/// </summary>
internal static class StoreOptions
{
    internal static Option<string?> Config { get; } = new("--config");
    internal static Option<string?> StatusFile { get; } = new("--status-file");
    internal static Option<string?> Ring { get; } = new("--ring");
    internal static Option<string?> PassphraseFile { get; } = new("--passphrase-file");

    /// <summary>Opens the status list.</summary>
    internal static ITokenStatus Status(ParseResult parsed, TimeProvider time)
    {
        if (parsed.GetValue(StatusFile) is { } file)
            return StatusStore.Open(new StoreSettings { File = Existing(file) }, time);
        var settings = Settings(parsed) ?? throw Declined.Usage("give-status");
        return StatusStore.Open(settings.Status ?? new StoreSettings { File = Existing(Path.Combine(settings.State, "status.db")) }, time);
    }

    /// <summary>Folder and times of the ring.</summary>
    internal static (string Folder, KeyRingOptions Times) RingPlace(ParseResult parsed)
    {
        var settings = Settings(parsed);
        var folder = parsed.GetValue(Ring) ?? (settings is null ? throw Declined.Usage("give-ring") : KeyRing.FolderIn(settings.State));
        // A ring is made by the authority's first start. Made here by a mistyped folder it would be nobody's.
        if (!File.Exists(Path.Combine(folder, "ring.json")))
            throw Declined.Usage("no-ring", folder);
        return (folder, settings?.Keys ?? new KeyRingOptions());
    }

    /// <summary>Opens the ring for a change. The passphrase comes from a file, never from the command line.</summary>
    internal static KeyRing OpenRing(ParseResult parsed, TimeProvider time)
    {
        var (folder, times) = RingPlace(parsed);
        var file = parsed.GetValue(PassphraseFile) ?? Settings(parsed)?.KeyPassphraseFile ?? throw Declined.Usage("give-passphrase");
        return KeyRing.OpenForChange(folder, SecretFile.ReadText(file).Trim(), times, time);
    }

    /// <summary>The contracts folder of the authority's configuration; null when none is named.</summary>
    internal static string? ContractsOf(ParseResult parsed) => Settings(parsed)?.Contracts;

    // As strictly as the authority itself: with a setting left out the tool would stop or rotate something in another place.
    private static AuthoritySettings? Settings(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is not { } file)
            return null;
        try
        {
            var configuration = Startup.File(file);
            if (!configuration.GetSection("Authority").Exists())
                throw Declined.Usage("config-without-section", file);
            return StrictSettings.Read<AuthoritySettings>(configuration, "Authority");
        }
        catch (StartRefused refused)
        {
            throw Declined.Usage("config-mistake", file, Faults.Settings(refused, Terminal.LanguageOf(parsed)));
        }
    }

    private static string Existing(string file) => File.Exists(file) ? file : throw Declined.Usage("no-status-list", file);
}
