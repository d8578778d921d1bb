namespace Gateway.Quotas;

/// <summary>One counter. What is held belongs to calls under way: it counts against the limit, and may yet be given back.</summary>
/// <param name="Kept">Charged for good.</param>
/// <param name="Held">Taken by calls that are not answered yet.</param>
/// <param name="Matches">Of a person: 1 once a call about him was a match. Of a client: persons whom it matched first.</param>
internal record struct Tally(long Kept, long Held, long Matches = 0)
{
    /// <summary>Both.</summary>
    public readonly long Taken => Kept + Held;
}

/// <summary>What a named counter counts.</summary>
internal enum TallyKind
{
    /// <summary>Calls of one agent.</summary>
    Agent = 1,

    /// <summary>Calls of one office.</summary>
    Office = 2,

    /// <summary>Misses of one calling system, and the matches that pay for them.</summary>
    Client = 3,
}
