using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Problems;

namespace Gateway.Diagnosis;

/// <summary>What a finding means and what to do about it, in three languages.</summary>
public static class FindingTexts
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, FindingText>> ByLanguage =
        Languages.All.ToFrozenDictionary(language => language, Load, StringComparer.Ordinal);

    /// <summary>The texts of a finding.</summary>
    /// <exception cref="KeyNotFoundException">The code is not on the list.</exception>
    public static FindingText Of(string code, string language) => ByLanguage[language][code];

    private static FrozenDictionary<string, FindingText> Load(string language)
    {
        using var stream = typeof(FindingTexts).Assembly.GetManifestResourceStream($"Gateway.Diagnosis.findings.{language}.json")
            ?? throw new InvalidOperationException($"The texts of findings in {language} are not in the program.");
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return document.RootElement.EnumerateObject().ToFrozenDictionary(
            static member => member.Name,
            static member => new FindingText(member.Value.GetProperty("detail").GetString()!, member.Value.GetProperty("remedy").GetString()!),
            StringComparer.Ordinal);
    }
}

/// <summary>The texts of one finding in one language.</summary>
/// <param name="Detail">What is wrong.</param>
/// <param name="Remedy">What would mend it.</param>
public sealed record FindingText(string Detail, string Remedy);
