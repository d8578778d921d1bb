namespace Tokens.Status;

/// <summary>
/// The status list does not answer: a change is not known to be durable (503). What reads the list keeps its last snapshot.
/// </summary>
public sealed class StatusUnavailable(string reason, Exception? cause = null) : Exception(reason, cause);
