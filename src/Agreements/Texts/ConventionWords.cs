using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Agreements.Texts;

/// <summary>Words about agreements in French, Arabic and English.</summary>
public static class ConventionWords
{
    /// <summary>Languages, the default first.</summary>
    public static ImmutableArray<string> Languages { get; } = ["fr", "ar", "en"];

    /// <summary>Whole numbers, in groups of three that stay on one line.</summary>
    internal static NumberFormatInfo Grouped { get; } = new() { NumberGroupSeparator = "\u202F", NumberDecimalDigits = 0 };

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage = Languages.ToFrozenDictionary(static language => language, Load, StringComparer.Ordinal);

    /// <summary>The words of a key, with what stands in its blanks.</summary>
    /// <exception cref="KeyNotFoundException">There are none: a fault of ours.</exception>
    public static string Of(string key, string language, params object[] blanks) =>
        blanks.Length == 0 ? ByLanguage[language][key] : string.Format(CultureInfo.InvariantCulture, ByLanguage[language][key], blanks);

    /// <summary>A label and its value, with the colon of the language.</summary>
    public static string Labelled(string label, string value, string language) => Of("label", language, label, value);

    /// <summary>Items of a list, with the comma of the language.</summary>
    public static string Listed(IEnumerable<string> items, string language) => string.Join(Of("separator", language), items);

    /// <summary>All keys of a language.</summary>
    public static IEnumerable<string> Keys(string language) => ByLanguage[language].Keys;

    private static FrozenDictionary<string, string> Load(string language)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in (string[])["conventions", "page"])
        {
            using var stream = typeof(ConventionWords).Assembly.GetManifestResourceStream($"{file}.{language}.json") ?? throw new InvalidOperationException("the words are not in the program");
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
            foreach (var member in document.RootElement.EnumerateObject()) words.Add(member.Name, member.Value.GetString()!);
        }

        return words.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
