using Ledger.Notes;

namespace Verifier;

/// <summary>The command line: one word, one file or folder, options with values.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> options = new(StringComparer.Ordinal);

    private Arguments(string command, string target) => (Command, Target) = (command, target);

    public string Command { get; }

    public string Target { get; }

    /// <exception cref="FormatException">An option is unknown or has no value.</exception>
    public static Arguments Parse(string[] args)
    {
        string[] known = args.FirstOrDefault() switch
        {
            "receipt" => ["--body", "--request", "--entry", "--log", "--lang", "--vkey", "--policy", "--managed"],
            "proof" => ["--entry", "--vkey", "--policy", "--managed"],
            "log" => ["--old", "--jsonl", "--min-index", "--hashes-only", "--ca", "--certificate", "--certificate-key", "--vkey", "--policy", "--managed"],
            "pack" => ["--vkey", "--policy", "--managed"],

            "certificate" => ["--vkey", "--policy", "--managed"],
            "witness" => ["--name", "--key", "--log", "--state", "--listen", "--certificate", "--certificate-key"],
            "witness-key" => ["--name"],
            _ => throw new FormatException("the first word is receipt, proof, log, pack, certificate, witness or witness-key"),
        };
        if (args[0] == "witness")
        {
            args = ["witness", "", .. args[1..]];
        }

        if (args.Length < 2 || args[1].StartsWith("--", StringComparison.Ordinal))
        {
            throw new FormatException($"{args[0]} needs a file or folder");
        }

        var parsed = new Arguments(args[0], args[1]);
        for (var i = 2; i < args.Length; i++)
        {
            var name = args[i];
            if (!known.Contains(name))
            {
                throw new FormatException($"{args[0]} does not know {name}");
            }

            var value = name is "--managed" or "--hashes-only" ? "" : ++i < args.Length ? args[i] : throw new FormatException($"{name} needs a value");
            (parsed.options.TryGetValue(name, out var values) ? values : parsed.options[name] = []).Add(value);
        }

        return parsed;
    }

    public string? One(string name) =>
        !options.TryGetValue(name, out var values) ? null : values.Count == 1 ? values[0] : throw new FormatException($"{name} is given twice");

    public IReadOnlyList<string> All(string name) => options.TryGetValue(name, out var values) ? values : [];

    public bool Has(string name) => options.ContainsKey(name);

    /// <summary>How Ed25519 is checked: null for OpenSSL.</summary>
    public Ed25519Verification? Ed25519 => options.ContainsKey("--managed") || !Ed25519Key.IsSupported ? ManagedEd25519.Verify : null;

    public byte[]? Bytes(string name) => One(name) is { } file ? File.ReadAllBytes(file) : null;

    /// <summary>What is trusted: <c>--policy FILE</c>, or one or more <c>--vkey</c>, each a key or a file of keys.</summary>
    public TrustPolicy Policy()
    {
        var ed25519 = Ed25519;
        if (One("--policy") is { } file)
        {
            return TrustPolicy.Parse(File.ReadAllText(file), ed25519);
        }

        var keys = All("--vkey")
            .SelectMany(static text => File.Exists(text) ? File.ReadAllLines(text) : [text])
            .Where(static line => line.Length > 0)
            .Select(line => VerifierKey.Parse(line, ed25519))
            .ToList();
        return keys.Count > 0 ? TrustPolicy.Of(keys) : throw new FormatException("say whom to trust: --vkey KEY or --policy FILE");
    }
}
