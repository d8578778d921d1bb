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
}

/// <summary>Turns an answer into its charge.</summary>
internal static class Charges
{
    /// <summary>The charge of an answer; <c>UNAVAILABLE</c> costs nothing, for the failure is a provider's (exchanges page, section 1.15).</summary>
    public static Charge Of(string matchStatus) => matchStatus switch
    {
        "MATCHED" => Charge.Match,
        "NOT_FOUND" => Charge.Miss,
        "UNAVAILABLE" => Charge.Void,
        _ => Charge.Answer,
    };
}
