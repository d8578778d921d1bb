using Wording;

namespace Agreements.Texts;

/// <summary>What ends soon, in words.</summary>
public static class ExpiryWords
{
    /// <summary><c>convention ANSS-MENPS-2026-01@3 : prend fin le 31 août 2027 (restent 25 jours)</c></summary>
    public static string Of(Expiry end, string language)
    {
        var what = ConventionWords.Of("kind-" + end.Kind.ToString().ToLowerInvariant(), language, end.Id);
        var when = end.Days switch
        {
            < 0 => ConventionWords.Of("has-ended", language, end.Until),
            0 => ConventionWords.Of("ends-today", language, end.Until),
            _ => ConventionWords.Of("ends", language, end.Until, end.Days),
        };
        return Phrases.Labelled(what, when, language);
    }
}
