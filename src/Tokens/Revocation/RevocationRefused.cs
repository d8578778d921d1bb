namespace Tokens.Revocation;

/// <summary>A revocation list that is not taken. The message says why, for whoever runs the program.</summary>
/// <param name="reason">A short word for the count of refused lists.</param>
/// <param name="words">What is wrong.</param>
/// <param name="cause">What lies behind it.</param>
public sealed class RevocationRefused(string reason, string words, Exception? cause = null) : Exception(words, cause)
{
    internal string Reason { get; } = reason;
}
