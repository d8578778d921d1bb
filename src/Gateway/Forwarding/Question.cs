using Agreements;

namespace Gateway.Forwarding;

/// <summary>What is sent to one provider (exchanges page, section 1.5): nothing of it comes from the caller's headers.</summary>
/// <param name="Provider">Institution asked.</param>
/// <param name="Address">Full address, built from the contract's path and the provider's base address.</param>
/// <param name="Body">Request members of the operation with the person rewritten.</param>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="Accept">Media type of the answer, compared exactly.</param>
/// <param name="ExchangeId">ULID of the exchange.</param>
/// <param name="Consumer">Institution on whose behalf the gateway asks.</param>
/// <param name="Operation">Operation id.</param>
/// <param name="Agreement"><c>id@version</c> that covers this leg.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="CaseReference">The caller's file number, only where the grant forwards it.</param>
/// <param name="MaxAnswerBytes">Largest answer; one byte more refuses it.</param>
/// <param name="TimeLeft">Time that is left for this call.</param>
/// <param name="FullTime">Time that a source has to answer; one that is silent for less has failed nobody.</param>
/// <param name="IsRead">It changes nothing at the provider, and may be sent again.</param>
/// <param name="Salt">Salt of the exchange, sent to providers that take receipts (ledger page, section 4.3); null for others.</param>
internal sealed record Question(
    Institution Provider,
    Uri Address,
    ReadOnlyMemory<byte> Body,
    string ContentType,
    string Accept,
    string ExchangeId,
    string Consumer,
    string Operation,
    string Agreement,
    string Purpose,
    string? CaseReference,
    int MaxAnswerBytes,
    TimeSpan TimeLeft,
    TimeSpan FullTime,
    bool IsRead,
    byte[]? Salt
)
{
    /// <summary>A call under less time than this is not worth making.</summary>
    public static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(50);

    /// <summary>May it still leave? Asked when it has its seat, for which it may have waited long: the law of then counts.</summary>
    public required Func<bool> MayLeave { get; init; }

    /// <summary>System that asks: seats at the provider are given in turns by system.</summary>
    public required string Client { get; init; }

    /// <summary>Asked for a batch, which may not take every seat.</summary>
    public bool IsBulk { get; init; }

    /// <summary>
    /// What is left of the exchange's deadline, the wait for a seat included; null for what has none, as a batch's lines.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Longest wait for a seat.</summary>
    public TimeSpan Patience =>
        Deadline is { } left
            ? left > TooLate
                ? left - TooLate
                : TimeSpan.Zero
            : Timeout.InfiniteTimeSpan;

    /// <summary>The question after a wait for its seat: the exchange's deadline does not wait.</summary>
    public Question After(TimeSpan waited) =>
        Deadline is { } left && left - waited < TimeLeft
            ? this with
            {
                TimeLeft = left - waited > TooLate ? left - waited : TooLate,
            }
            : this;
}
