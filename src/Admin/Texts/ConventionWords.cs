using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Admin.Texts;

/// <summary>Words about agreements in French, Arabic and English.</summary>
internal static class ConventionWords
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage = Reasons.Languages.ToFrozenDictionary(static language => language, Load, StringComparer.Ordinal);

    /// <summary>The words of a key, with what stands in its blanks.</summary>
    /// <exception cref="KeyNotFoundException">There are none: a fault of ours.</exception>
    internal static string Of(string key, string language, params object[] blanks) =>
        blanks.Length == 0 ? ByLanguage[language][key] : string.Format(CultureInfo.InvariantCulture, ByLanguage[language][key], blanks);

    /// <summary>All keys of a language.</summary>
    internal static IEnumerable<string> Keys(string language) => ByLanguage[language].Keys;

    private static FrozenDictionary<string, string> Load(string language)
    {
        using var stream = typeof(ConventionWords).Assembly.GetManifestResourceStream($"conventions.{language}.json") ?? throw new InvalidOperationException("the words are not in the program");
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return document.RootElement.EnumerateObject().ToFrozenDictionary(static member => member.Name, static member => member.Value.GetString()!, StringComparer.Ordinal);
    }
}
