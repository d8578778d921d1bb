namespace Gateway.Minimization;

/// <summary>What an answer says about the person (exchanges page, section 1.6). Four ways of not knowing are never one another.</summary>
public static class MatchStatus
{
    /// <summary>One person, and the answer object is present.</summary>
    public const string Matched = "MATCHED";

    /// <summary>Every source answered, none knows the person.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>A source holds more than one record for the identifier.</summary>
    public const string Ambiguous = "AMBIGUOUS";

    /// <summary>A source that could have changed the answer did not answer.</summary>
    public const string Unavailable = "UNAVAILABLE";

    /// <summary>The constant that equals a text; null for any other text.</summary>
    public static string? Of(ReadOnlySpan<char> text) =>
        text switch
        {
            Matched => Matched,
            NotFound => NotFound,
            Ambiguous => Ambiguous,
            Unavailable => Unavailable,
            _ => null,
        };
}
