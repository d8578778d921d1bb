namespace Gateway.Authorization.Dossiers;

/// <summary>
/// What an idempotency key stands for (exchanges page, section 1.12): a call that was answered, or one that holds the key while it is
/// worked on. It holds keyed digests only, so nobody who has the store alone can try what was declared.
/// </summary>
/// <param name="Asked">Keyed digest of the request's body.</param>
/// <param name="At">When.</param>
/// <param name="Exchange">Id of the exchange that answered, or works.</param>
/// <param name="Holder">The process that works.</param>
/// <param name="Left">Until when it holds the key without renewing it, by the clock of the store.</param>
/// <param name="Body">The answer's body, as it was sent; it holds no personal data. Null while it is worked on.</param>
internal sealed record KeyedCall(byte[] Asked, DateTimeOffset At, string Exchange, string Holder, TimeSpan Left, byte[]? Body)
{
    /// <summary>Seconds for which a call holds its key; it renews that with every chunk. A process that died holds it no longer.</summary>
    public const int LeaseSeconds = 15;

    /// <summary>
    /// Is another process at work on it? More than a whole lease can be left only when the store's clock was set back: that says nothing.
    /// </summary>
    public bool IsHeldByAnother(string process) =>
        Body is null && Holder != process && Left > TimeSpan.Zero && Left <= TimeSpan.FromSeconds(LeaseSeconds);
}
