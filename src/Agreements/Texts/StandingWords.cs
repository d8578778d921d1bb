using Wording;

namespace Agreements.Texts;

/// <summary>Where an agreement stands, in words.</summary>
public static class StandingWords
{
    /// <summary><c>suspendue (une partie l’a suspendue, 20 octobre 2026, Caisse nationale de sécurité sociale)</c></summary>
    /// <param name="standing">Where it stands.</param>
    /// <param name="language">fr, ar or en.</param>
    /// <param name="law">Knows what institutions are called; null leaves their ids.</param>
    public static string Of(AgreementStanding standing, string language, Registry? law = null)
    {
        var why = new List<Blank> { ConventionWords.Of(standing.Reason, language) };
        if (standing.On is { } on)
            why.Add(on);
        // Of a draft, all who have not signed.
        if (standing.By is { Length: > 0 } by)
            why.Add(Blank.List(by.Split(", ").Select(Name)));
        return ConventionWords.Of("standing", language, ConventionWords.Of(standing.Word, language), Blank.List(why));

        // A stop of the gateway's operators is of no institution.
        string Name(string who) =>
            who == "operators" ? ConventionWords.Of("by-operators", language) : new LawNames(law, language).Institution(who);
    }
}
