namespace Verifier;

/// <summary>Outcome of a check.</summary>
/// <param name="Holds">Whether everything asked holds.</param>
/// <param name="Sentence">What is proved, or the reason why not. It names positions and sizes, never contents.</param>
public sealed record CheckResult(bool Holds, string Sentence)
{
    internal static CheckResult Proved(string sentence) => new(true, sentence);

    internal static CheckResult Fails(string reason) => new(false, reason);
}
