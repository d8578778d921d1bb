namespace Gateway.Requests;

/// <summary>
/// An identifier of the person asked about, in one scheme (exchanges page, section 1.3). It never turns into text by accident.
/// </summary>
/// <param name="Scheme">sector-token, idcs or household-id.</param>
/// <param name="Value">The identifier.</param>
public sealed record DataSubject(string Scheme, string Value)
{
    /// <summary>Never the identifier: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => nameof(DataSubject);
}
