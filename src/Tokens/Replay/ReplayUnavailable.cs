namespace Tokens.Replay;

/// <summary>The guard cannot tell whether an id was used: no token may be issued (503). Never a reason to guess.</summary>
public sealed class ReplayUnavailable(string reason, Exception? cause = null) : Exception(reason, cause);
