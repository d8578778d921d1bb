using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Problems;

/// <summary>
/// Titles, details and remedies of all problems in three languages, read once from the resource files beside this class.
/// A detail that names things of the contract stands under <c>named</c>, with <c>{0}</c>, <c>{1}</c>… for
/// <see cref="Refusal.Words"/>; it is used only when the refusal carries enough words, else the general <c>detail</c> is.
/// </summary>
public static class ProblemTexts
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, ProblemText>> ByLanguage =
        Languages.All.ToFrozenDictionary(language => language, Load, StringComparer.Ordinal);

    /// <summary>The texts of a code in a language; French for a language that does not exist.</summary>
    /// <exception cref="KeyNotFoundException">The code is not on the closed list.</exception>
    public static ProblemText Of(string code, string language) =>
        (ByLanguage.TryGetValue(language, out var texts) ? texts : ByLanguage[Languages.Default])[code];

    /// <summary>Codes that have texts in a language.</summary>
    public static IEnumerable<string> CodesIn(string language) => ByLanguage[language].Keys;

    private static FrozenDictionary<string, ProblemText> Load(string language)
    {
        using var titles = Open("titles", language);
        using var details = Open("details", language);
        var texts = new Dictionary<string, ProblemText>(StringComparer.Ordinal);
        foreach (var title in titles.RootElement.EnumerateObject())
        {
            var detail = details.RootElement.GetProperty(title.Name);
            texts.Add(title.Name, new ProblemText(
                title.Value.GetString()!,
                detail.GetProperty("detail").GetString()!,
                detail.TryGetProperty("named", out var named) ? named.GetString() : null,
                detail.GetProperty("remedy").GetString()!));
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static JsonDocument Open(string kind, string language)
    {
        var name = $"Gateway.Problems.{kind}.{language}.json";
        using var stream = typeof(ProblemTexts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is not in the program.");
        return JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
    }
}

/// <summary>The texts of one problem in one language.</summary>
/// <param name="Title">Short title; the same for every occurrence.</param>
/// <param name="General">Detail that names nothing.</param>
/// <param name="Named">Detail with placeholders for words of the contract; null when there is none.</param>
/// <param name="Remedy">What would fix it, and who can.</param>
public sealed record ProblemText(string Title, string General, string? Named, string Remedy)
{
    private readonly CompositeFormat? _named = Named is null ? null : CompositeFormat.Parse(Named);

    /// <summary>The detail of a refusal: the named one when it carries enough words, else the general one.</summary>
    public string Detail(Refusal refusal)
    {
        if (_named is null || refusal.Words.Length < _named.MinimumArgumentCount) return General;
        var words = new object[refusal.Words.Length];
        for (var i = 0; i < words.Length; i++) words[i] = refusal.Words[i];
        return string.Format(CultureInfo.InvariantCulture, _named, words);
    }
}
