namespace Tokens.Status;

/// <summary>The last thing that a party of an agreement said about it over its own signature: stop, or go on.</summary>
/// <param name="Agreement">Agreement id.</param>
/// <param name="Party">Institution that said it.</param>
/// <param name="Stops">It stops the agreement; false lets it go on, as far as this party is concerned.</param>
/// <param name="IssuedAt">When it was signed, in whole seconds. Only what is newer takes the place of what was said before.</param>
/// <param name="StatementId">Id of the signed statement.</param>
/// <param name="Reason">A code; no text about persons.</param>
/// <param name="Until">When a stop ends by itself; null when it stands until it is lifted.</param>
/// <param name="Statement">The statement itself, a compact JWS: what proves later who said so.</param>
public sealed record PartyAct(
    string Agreement,
    string Party,
    bool Stops,
    DateTimeOffset IssuedAt,
    string StatementId,
    string Reason,
    DateTimeOffset? Until,
    string Statement
)
{
    /// <summary>Does it stop the agreement at this instant?</summary>
    public bool StopsAt(DateTimeOffset now) => Stops && (Until is not { } until || now < until);
}
