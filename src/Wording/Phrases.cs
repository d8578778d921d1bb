namespace Wording;

/// <summary>What every program says in the same way.</summary>
public static class Phrases
{
    /// <summary>A label and its value, with the colon of the language.</summary>
    public static string Labelled(string label, Blank value, string language) =>
        Days.Words.Fill("label", language, label, value.Say(language));

    /// <summary>A title and the sentence that follows it.</summary>
    public static string Titled(string title, string sentence, string language) => Days.Words.Fill("titled", language, title, sentence);

    /// <summary>As <see cref="Labelled"/>, before a sentence that is said already.</summary>
    public static string Headed(string head, string sentence, string language) => Days.Words.Fill("label", language, head, sentence);

    /// <summary>A place, the weight of what was found there, what it is, and what to do.</summary>
    public static string Found(string place, string weight, string what, string remedy, string language) =>
        Days.Words.Fill("found", language, place, weight, what, remedy);

    /// <summary>What stands between the items of a list.</summary>
    public static string Separator(string language) => Days.Words.Say("separator", language);
}
