namespace Wording;

/// <summary>What every program says in the same way.</summary>
public static class Phrases
{
    /// <summary>A label and its value, with the colon of the language.</summary>
    public static string Labelled(string label, Blank value, string language) =>
        Days.Words.Fill("label", language, label, value.Say(language));

    /// <summary>A title and the sentence that follows it.</summary>
    public static string Titled(string title, string sentence, string language) => Days.Words.Fill("titled", language, title, sentence);

    /// <summary>What stands between the items of a list.</summary>
    public static string Separator(string language) => Days.Words.Say("separator", language);
}
