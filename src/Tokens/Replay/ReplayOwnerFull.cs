namespace Tokens.Replay;

/// <summary>
/// One owner (a client, or a proof key) has as many live ids as one owner may have: 429 for this owner until some of them expire.
/// </summary>
public sealed class ReplayOwnerFull() : Exception("one owner has too many live ids");
