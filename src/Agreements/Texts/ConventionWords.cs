using Wording;

namespace Agreements.Texts;

/// <summary>Words about agreements in French, Arabic and English.</summary>
public static class ConventionWords
{
    private static readonly TextBook Book = TextBook.Of(typeof(ConventionWords).Assembly, "conventions", "page");

    /// <summary>Languages, the default first.</summary>
    public static IReadOnlyList<string> Languages => Wording.Languages.All;

    /// <summary>The words of a key, with what stands in its blanks.</summary>
    /// <exception cref="KeyNotFoundException">There are none: a fault of ours.</exception>
    public static string Of(string key, string language, params ReadOnlySpan<Blank> blanks) => Book.Say(key, language, blanks);

    /// <summary>Are there words of this key?</summary>
    public static bool Has(string key) => Book.Has(key);

    /// <summary>All keys.</summary>
    public static IEnumerable<string> Keys => Book.Keys;
}
