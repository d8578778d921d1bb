using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Wording;

/// <summary>
/// Sentences of one program in French, Arabic and English, read once from its resources <c>name.fr.json</c>,
/// <c>name.ar.json</c> and <c>name.en.json</c>. A sentence is a text with blanks <c>{0}</c>, <c>{1}</c>…, or an object with
/// a text for each plural form of its first number.
/// Latin words inside Arabic sentences, and what stands in blanks, are isolated here and nowhere else.
/// </summary>
public sealed partial class TextBook
{
    private readonly FrozenDictionary<string, FrozenDictionary<string, Sentence>> _byLanguage;

    private TextBook(FrozenDictionary<string, FrozenDictionary<string, Sentence>> byLanguage) => _byLanguage = byLanguage;

    /// <summary>Reads the files of a program.</summary>
    /// <param name="program">Which.</param>
    /// <param name="files">Names without language and ending.</param>
    /// <exception cref="InvalidOperationException">
    /// A file is missing, or one language lacks a sentence, a blank or a plural form: a fault of ours.
    /// </exception>
    public static TextBook Of(Assembly program, params ReadOnlySpan<string> files)
    {
        string[] names = [.. files];
        var book = new TextBook(
            Languages.All.ToFrozenDictionary(
                static language => language,
                language => Read(program, names, language),
                StringComparer.Ordinal
            )
        );
        book.Check();
        return book;
    }

    /// <summary>A sentence.</summary>
    /// <param name="key">Which.</param>
    /// <param name="language">A language of <see cref="Languages.All"/>.</param>
    /// <param name="blanks">What stands in its blanks.</param>
    /// <exception cref="KeyNotFoundException">There is none, or there is no such language: a fault of ours.</exception>
    public string Say(string key, string language, params ReadOnlySpan<Blank> blanks)
    {
        var sentence = _byLanguage[language][key];
        if (blanks.Length == 0)
            return sentence.Form(null, language);
        long? counted = null;
        var said = new object[blanks.Length];
        for (var i = 0; i < said.Length; i++)
        {
            counted ??= blanks[i].Number;
            said[i] = blanks[i].Say(language);
        }

        return string.Format(CultureInfo.InvariantCulture, sentence.Form(counted, language), said);
    }

    /// <summary>The sentence, when there is one.</summary>
    public bool Has(string key) => _byLanguage[Languages.French].ContainsKey(key);

    /// <summary>How many blanks a sentence has.</summary>
    public int BlanksOf(string key) => _byLanguage[Languages.French][key].BlankCount;

    /// <summary>A sentence in each of its plural forms, with its blanks; one form, without a name, where it counts nothing.</summary>
    public IEnumerable<(string Form, string Text)> FormsOf(string key, string language) => _byLanguage[language][key].AllForms;

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => _byLanguage[Languages.French].Keys;

    // Parts of a day or an hour, which are one run already.
    internal string Fill(string key, string language, params object[] parts) =>
        string.Format(CultureInfo.InvariantCulture, _byLanguage[language][key].Form(null, language), parts);

    private static FrozenDictionary<string, Sentence> Read(Assembly program, string[] files, string language)
    {
        var sentences = new Dictionary<string, Sentence>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var name = $"{file}.{language}.json";
            using var stream = program.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"The resource {name} is not in the program.");
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
            foreach (var member in document.RootElement.EnumerateObject())
                Add(sentences, member.Name, member.Value, language);
        }

        return sentences.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, Sentence> sentences, string key, JsonElement value, string language)
    {
        if (value.ValueKind != JsonValueKind.Object || value.TryGetProperty("other", out _))
        {
            sentences.Add(key, Sentence.Of(value, language));
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (Plural.Forms.Contains(member.Name, StringComparer.Ordinal))
                throw new InvalidOperationException($"{key} of {language} has no form other.");
            Add(sentences, $"{key}/{member.Name}", member.Value, language);
        }
    }

    private void Check()
    {
        var all = _byLanguage[Languages.French];
        foreach (var (language, sentences) in _byLanguage)
        {
            if (sentences.Count != all.Count)
                throw new InvalidOperationException($"{language} has {sentences.Count} sentences, not {all.Count}.");
            foreach (var (key, sentence) in sentences)
                if (!all.TryGetValue(key, out var french) || !sentence.HasBlanksOf(french))
                    throw new InvalidOperationException($"{key} of {language} differs in its blanks.");
        }
    }

    [GeneratedRegex(@"\{[0-9]+\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BlankOf { get; }

    private sealed record Sentence(string Other, FrozenDictionary<string, string>? Forms)
    {
        public int BlankCount { get; } = Blanks(Other).Count;

        public IEnumerable<(string Form, string Text)> AllForms =>
            Forms is null ? [("", Other)] : Forms.Select(static form => (form.Key, form.Value));

        public static Sentence Of(JsonElement value, string language)
        {
            if (value.ValueKind == JsonValueKind.String)
                return new(Isolation.OfRuns(value.GetString()!, language), null);
            var forms = value
                .EnumerateObject()
                .ToFrozenDictionary(
                    static form => form.Name,
                    form => Isolation.OfRuns(form.Value.GetString()!, language),
                    StringComparer.Ordinal
                );
            return forms.Keys.All(Plural.FormsOf(language).Contains) && forms.TryGetValue("other", out var other)
                ? new(other, forms)
                : throw new InvalidOperationException($"A sentence of {language} has a form that the language lacks.");
        }

        public string Form(long? number, string language) =>
            number is { } counted && Forms is not null ? Forms.GetValueOrDefault(Plural.FormOf(counted, language), Other) : Other;

        // A form for one or two may say the number in a word.
        public bool HasBlanksOf(Sentence other) => Blanks(Other).SetEquals(Blanks(other.Other));

        private static HashSet<string> Blanks(string text) => [.. BlankOf.Matches(text).Select(static blank => blank.Value)];
    }
}
