using System.Globalization;

namespace Agreements.Texts;

/// <summary>Where an agreement stands, in words.</summary>
public static class StandingWords
{
    /// <summary><c>suspended (a party suspended it, 2026-10-20, cnss)</c></summary>
    public static string Of(AgreementStanding standing, string language) =>
        $"{ConventionWords.Of(standing.Word, language)} ({ConventionWords.Of(standing.Reason, language)}{(standing.On is { } on ? string.Create(CultureInfo.InvariantCulture, $", {on:yyyy-MM-dd}") : "")}{(standing.By is { Length: > 0 } by ? ", " + by : "")})";
}
