namespace Gateway.Quotas;

/// <summary>What became of a call that had taken its share.</summary>
internal enum Charge
{
    /// <summary>Nothing was answered: the share is given back.</summary>
    Void,

    /// <summary>Answered about a known person.</summary>
    Match,

    /// <summary>Answered <c>NOT_FOUND</c>: it counts against the budgets on misses too.</summary>
    Miss,

    /// <summary>Answered otherwise, for example <c>AMBIGUOUS</c>.</summary>
    Answer,

    /// <summary>
    /// Refused with words about the person: it counts against the misses of the calling system, and against nothing else.
    /// </summary>
    Refused,
}

/// <summary>Turns what a call came to into its charge.</summary>
internal static class Charges
{
    /// <summary>
    /// The charge of an answer; <c>UNAVAILABLE</c> costs nothing, for the failure is a provider's (exchanges page, section 1.15).
    /// </summary>
    public static Charge Of(string matchStatus) =>
        matchStatus switch
        {
            "MATCHED" => Charge.Match,
            "NOT_FOUND" => Charge.Miss,
            "UNAVAILABLE" => Charge.Void,
            _ => Charge.Answer,
        };

    /// <summary>The charge of a refusal: a miss if it tells something about the person, nothing otherwise.</summary>
    public static Charge Of(Refusal refusal) => refusal.Gate is null ? Charge.Void : Charge.Refused;

    /// <summary>Was the call answered, so that it counts for day, month, office, agent and person?</summary>
    public static bool IsAnswer(this Charge charge) => charge is not (Charge.Void or Charge.Refused);
}
