using System.Globalization;

namespace Agreements.Texts;

/// <summary>Where an agreement stands, in words.</summary>
public static class StandingWords
{
    /// <summary><c>suspended (a party suspended it, 2026-10-20, cnss)</c></summary>
    public static string Of(AgreementStanding standing, string language)
    {
        var why = new List<string> { ConventionWords.Of(standing.Reason, language) };
        if (standing.On is { } on) why.Add(on.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (standing.By is { Length: > 0 } by) why.Add(by);
        return $"{ConventionWords.Of(standing.Word, language)} ({ConventionWords.Listed(why, language)})";
    }
}
