using Wording;

namespace Gateway.Diagnosis;

/// <summary>What a finding means and what to do about it, in three languages.</summary>
public static class FindingTexts
{
    private static readonly TextBook Book = TextBook.Of(typeof(FindingTexts).Assembly, "Gateway.Diagnosis.findings");

    /// <summary>The texts of a finding.</summary>
    /// <exception cref="KeyNotFoundException">The code is not on the list.</exception>
    public static FindingText Of(string code, string language) =>
        new(Book.Say(code + "/detail", language), Book.Say(code + "/remedy", language));
}

/// <summary>The texts of one finding in one language.</summary>
/// <param name="Detail">What is wrong.</param>
/// <param name="Remedy">What would mend it.</param>
public sealed record FindingText(string Detail, string Remedy);
