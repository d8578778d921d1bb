namespace Wording;

/// <summary>Languages in which everything is said.</summary>
public static class Languages
{
    /// <summary>French.</summary>
    public const string French = "fr";

    /// <summary>Arabic, as it is written in Morocco.</summary>
    public const string Arabic = "ar";

    /// <summary>English.</summary>
    public const string English = "en";

    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<string> All { get; } = [French, Arabic, English];

    /// <summary>Is a text of this language read from right to left?</summary>
    public static bool IsRightToLeft(string language) => language == Arabic;
}
