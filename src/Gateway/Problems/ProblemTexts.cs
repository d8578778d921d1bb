using System.Collections.Frozen;
using Agreements;
using Agreements.Texts;
using Wording;

namespace Gateway.Problems;

/// <summary>
/// Titles, details and remedies of all problems in three languages, read and prepared once from the resource files beside this class.
/// A detail that names things of the contract stands under <c>named</c>, with <c>{0}</c>, <c>{1}</c>… for
/// <see cref="Refusal.Words"/>; it is used only when the refusal carries enough words, else the general <c>detail</c> is. Beside it may
/// stand words for one thing that is wrong, under the code of <see cref="Refusal.Errors"/>, with the same blanks.
/// </summary>
public static class ProblemTexts
{
    private static readonly TextBook Book = TextBook.Of(
        typeof(ProblemTexts).Assembly,
        "Gateway.Problems.titles",
        "Gateway.Problems.details"
    );

    private static readonly FrozenDictionary<string, FrozenDictionary<string, ProblemText>> ByLanguage = Languages.All.ToFrozenDictionary(
        static language => language,
        static language =>
            Book.Keys.Where(static key => !key.Contains('/', StringComparison.Ordinal))
                .ToFrozenDictionary(static code => code, code => new ProblemText(Book, code, language), StringComparer.Ordinal),
        StringComparer.Ordinal
    );

    /// <summary>The texts of a code in a language; French for a language that does not exist.</summary>
    /// <exception cref="KeyNotFoundException">The code is not on the closed list.</exception>
    public static ProblemText Of(string code, string language) =>
        (ByLanguage.TryGetValue(language, out var texts) ? texts : ByLanguage[Languages.Default])[code];

    /// <summary>Codes that have texts in a language.</summary>
    public static IEnumerable<string> CodesIn(string language) => ByLanguage[language].Keys;
}

/// <summary>The texts of one problem in one language.</summary>
public sealed class ProblemText
{
    private readonly TextBook _book;
    private readonly string _code,
        _named,
        _language;
    private readonly int _blanks;

    internal ProblemText(TextBook book, string code, string language)
    {
        (_book, _code, _named, _language) = (book, code, code + "/named", language);
        (Title, General, Remedy) = (book.Say(code, language), book.Say(code + "/detail", language), book.Say(code + "/remedy", language));
        if (!book.Has(_named))
            return;
        (Named, _blanks) = (book.Say(_named, language), book.BlanksOf(_named));
    }

    /// <summary>Short title; the same for every occurrence.</summary>
    public string Title { get; }

    /// <summary>Detail that names nothing.</summary>
    public string General { get; }

    /// <summary>Detail with placeholders for words of the contract; null when there is none.</summary>
    public string? Named { get; }

    /// <summary>What would fix it, and who can.</summary>
    public string Remedy { get; }

    /// <summary>The detail of a refusal: the named one when it carries enough words, else the general one.</summary>
    /// <param name="refusal">Why something was refused.</param>
    /// <param name="law">Knows what things are called; null leaves their codes.</param>
    public string Detail(Refusal refusal, Registry? law = null)
    {
        if (Named is null || DetailWords.Of(refusal, new LawNames(law, _language)) is not { } words || words.Count < _blanks)
            return General;
        // What is more than the sentence has blanks for are further items of its last one.
        var last = words.Count == _blanks ? words[^1] : Blank.List(words.Skip(_blanks - 1));
        return _book.Say(KeyOf(refusal), _language, [.. words.Take(_blanks - 1), last]);
    }

    // Where one thing is wrong and has words of its own, those say it.
    private string KeyOf(Refusal refusal) =>
        refusal.Errors is [var only] && _book.Has($"{_code}/{only.Code}") ? $"{_code}/{only.Code}" : _named;
}
