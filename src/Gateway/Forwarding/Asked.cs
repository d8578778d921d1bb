namespace Gateway.Forwarding;

/// <summary>What became of a question.</summary>
/// <param name="Verdict">The answer, or the provider's fault.</param>
/// <param name="Status">HTTP status of the provider; 0 when it gave none.</param>
/// <param name="Milliseconds">From the beginning, a new connection included, to the last byte.</param>
/// <param name="Sent">
/// Whether the question may have left: false when the provider was closed, had no seat or an open circuit, and when no connection came
/// about. A record must not claim that somebody was asked who was not: it would open the record to him, and his own count would contradict
/// it.
/// </param>
internal readonly record struct Asked(Verdict<Answer> Verdict, int Status, int Milliseconds, bool Sent)
{
    /// <summary>It tells how the source is. False when the caller left, or the gateway itself kept the source from answering.</summary>
    public bool TellsOfSource { get; init; } = true;

    /// <summary>How long it waited for its seat.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>
    /// How often it was tried: never where the gateway did not try, twice when the first connection was just being closed by the other
    /// side.
    /// </summary>
    public int Tries { get; init; } = 1;
}
