namespace Gateway.Minimization;

/// <summary>
/// One operation's release list, compiled: reads what sources answer and writes what leaves. Two ways of saying the same
/// thing are shipped, JSON and FHIR; the exchange knows neither.
/// </summary>
public interface IMinimizer
{
    /// <summary>Checks one source's answer against the contract and keeps what the agreement releases.</summary>
    /// <param name="terms">Terms of this source.</param>
    /// <param name="body">The answer as received, whole.</param>
    /// <returns>The answer; or <c>provider-invalid-answer</c>, <c>provider-answer-too-large</c>, <c>provider-wrong-subject</c>,
    /// <c>provider-modifier-refused</c>, <c>provider-error</c>, with nothing of the answer in it.</returns>
    Verdict<SourceAnswer> Read(ReleaseTerms terms, ReadOnlyMemory<byte> body);

    /// <summary>Writes what leaves.</summary>
    /// <param name="terms">Terms of the exchange.</param>
    /// <param name="answer">What the sources said together.</param>
    Disclosure Write(ReleaseTerms terms, CombinedAnswer answer);
}
