using System.Globalization;

namespace Agreements.Texts;

/// <summary>What ends soon, in words.</summary>
public static class ExpiryWords
{
    /// <summary><c>agreement ANSS-MENPS-2026-01@3: ends on 2027-08-31 (days left: 25)</c></summary>
    public static string Of(Expiry end, string language)
    {
        var until = end.Until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var what = $"{ConventionWords.Of("kind-" + end.Kind.ToString().ToLowerInvariant(), language)} {end.Id}";
        return ConventionWords.Labelled(what, end.Days < 0 ? ConventionWords.Of("has-ended", language, until) : ConventionWords.Of("ends", language, until, end.Days), language);
    }
}
