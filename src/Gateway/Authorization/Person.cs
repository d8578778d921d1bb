namespace Gateway.Authorization;

/// <summary>
/// The person asked about. Lives in memory for one exchange: no record, log or metric ever holds it, and it never turns into text by
/// accident.
/// </summary>
/// <param name="Scheme">Scheme that the caller used.</param>
/// <param name="Value">Identifier that the caller used.</param>
/// <param name="SectorToken">The person's token in the operation's sector.</param>
internal sealed record Person(string Scheme, string Value, string SectorToken)
{
    /// <summary>Type of the ledger's pseudonym: the prefix of the sector token.</summary>
    public ReadOnlySpan<char> PseudonymType => SectorToken.AsSpan(0, 3);

    /// <summary>Value of the ledger's pseudonym: the 26 characters behind the prefix.</summary>
    public ReadOnlySpan<char> PseudonymValue => SectorToken.AsSpan(4);

    /// <summary>Never the identifier: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => "Person";
}
