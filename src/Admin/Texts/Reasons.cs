using System.Collections.Frozen;
using System.Text.Json;
using Wording;

namespace Admin.Texts;

/// <summary>What a code means, in one language.</summary>
/// <param name="Code">The code, as in answers, logs and ledger records.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Reason(string Code, string What, string Remedy);

/// <summary>
/// The words of every reason for which a token or a call is refused, in French, Arabic and English. Reasons of the gateway's closed list of
/// problems are read from the gateway's own texts; here stand only those of the token server and of connections.
/// </summary>
internal static class Reasons
{
    /// <summary>Languages, the default first.</summary>
    internal static readonly string[] Languages = ["fr", "ar", "en"];
    private static readonly FrozenDictionary<string, FrozenDictionary<string, Reason>> ByLanguage = Languages.ToFrozenDictionary(
        static language => language,
        Load,
        StringComparer.Ordinal
    );

    /// <summary>The words of a code; a sentence that says so when the code is newer than this program.</summary>
    internal static Reason Of(string code, string language) => Find(code, language) ?? new Reason(code, code, "gatewayctl --version");

    /// <summary>The words of a code; null when there are none.</summary>
    internal static Reason? Find(string code, string language) => ByLanguage[language].GetValueOrDefault(code);

    private static FrozenDictionary<string, Reason> Load(string language)
    {
        var reasons = new Dictionary<string, Reason>(StringComparer.Ordinal);
        Add(reasons, $"details.{language}.json", "detail", language);
        Add(reasons, $"reasons.{language}.json", "what", language);
        return reasons.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, Reason> reasons, string resource, string what, string language)
    {
        using var stream = typeof(Reasons).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"the resource {resource} is not in the program");
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
        foreach (var member in document.RootElement.EnumerateObject())
            reasons[member.Name] = new(member.Name, Text(member.Value, what), Text(member.Value, "remedy"));

        string Text(JsonElement reason, string name) => Isolation.OfRuns(reason.GetProperty(name).GetString()!, language);
    }
}
