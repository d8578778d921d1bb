using System.CommandLine;
using System.Globalization;
using Ledger.Notes;

namespace Verifier;

/// <summary>What was asked for, read from files.</summary>
internal sealed class Arguments(ParseResult parsed, Sentences sentences)
{
    public Sentences Sentences => sentences;

    public TextWriter Output => parsed.InvocationConfiguration.Output;

    /// <summary>File, folder or address that is looked at.</summary>
    public string Target => parsed.CommandResult.Command.Arguments is [var target] ? parsed.GetValue((Argument<string>)target) ?? "" : "";

    public string Language => parsed.GetValue(Commands.Language)!;

    /// <summary>How Ed25519 is checked: null for OpenSSL.</summary>
    public Ed25519Verification? Ed25519 => Has(Commands.Managed) || !Ed25519Key.IsSupported ? ManagedEd25519.Verify : null;

    public bool NamesTrust => One(Commands.PolicyFile) is not null || All(Commands.Keys).Count > 0;

    public string? One(Option<string?> option) => parsed.GetValue(option);

    public IReadOnlyList<string> All(Option<string[]> option) => parsed.GetValue(option) ?? [];

    public bool Has(Option<bool> option) => parsed.GetValue(option);

    public byte[]? Bytes(Option<string?> option) => One(option) is { } file ? Read(file, File.ReadAllBytes) : null;

    /// <summary>Number of a record; 0 where none is given.</summary>
    public long Number(Option<string?> option) =>
        One(option) is not { } text ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new Wrong("min-index-form", text, option.Name);

    /// <summary>The text of what is looked at.</summary>
    public string TargetText() => Read(Target, File.ReadAllText);

    /// <summary>What is trusted: <c>--policy FILE</c>, or one or more <c>--vkey</c>, each a key or a file of keys.</summary>
    public TrustPolicy Policy()
    {
        if (One(Commands.PolicyFile) is { } file)
        {
            var text = Read(file, File.ReadAllText);
            return Parsed(() => TrustPolicy.Parse(text, Ed25519), "policy-malformed", file);
        }

        var keys = All(Commands.Keys)
            .SelectMany(static text => File.Exists(text) ? Read(text, File.ReadAllLines) : [text])
            .Where(static line => line.Length > 0)
            .Select(Key)
            .ToList();
        return keys.Count > 0 ? TrustPolicy.Of(keys) : throw new Wrong("trust-missing", Commands.Keys.Name, Commands.PolicyFile.Name);
    }

    public VerifierKey Key(string line) => Parsed(() => VerifierKey.Parse(line, Ed25519), "key-malformed", line);

    /// <summary>What a file holds, or which file cannot be read.</summary>
    public static T Read<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new Wrong("file-missing", file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new Wrong("file-unreadable", file);
        }
    }

    private static T Parsed<T>(Func<T> parse, string key, string what)
    {
        try
        {
            return parse();
        }
        catch (FormatException)
        {
            throw new Wrong(key, what);
        }
    }
}
