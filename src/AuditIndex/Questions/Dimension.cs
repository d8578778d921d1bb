namespace AuditIndex.Questions;

/// <summary>
/// Members of a record that the index stores as numbers of a dictionary. The values are kinds in the dictionary: never renumbered.
/// </summary>
internal enum Dimension
{
    Event = 1,
    Institution = 2,
    Client = 3,
    Agent = 4,
    Office = 5,
    Operation = 6,
    Purpose = 7,
    Agreement = 8,
    Code = 9,
    Rule = 10,
    Match = 11,
    Gate = 12,
    Territory = 13,
    Act = 14,

    /// <summary>Ids of the institutions asked, in order, with a space between.</summary>
    Providers = 15,

    /// <summary>Released paths, in order, with a space between: the few distinct sets of an operation, not a row each.</summary>
    Fields = 16,
}

/// <summary>What came out, in the order of gravity; numbers as stored.</summary>
public enum Outcome
{
    /// <summary>The record is of no exchange.</summary>
    None = 0,

    /// <summary>Answered.</summary>
    Permit = 1,

    /// <summary>Refused; also when the caller was shown "not found" and the hidden decision says why.</summary>
    Deny = 2,

    /// <summary>Failed, ours or the provider's.</summary>
    Fault = 3,
}
