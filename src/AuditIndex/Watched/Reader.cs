namespace AuditIndex.Watched;

/// <summary>Who reads the ledger, and why. Part of every question, and sealed before its answer shows.</summary>
public sealed record Reader
{
    private const int LongestReason = 2000;

    /// <param name="officer">Officer id, <c>[A-Za-z0-9._-]{1,64}</c>.</param>
    /// <param name="reason">Why, in the officer's words, 10 to 2,000 characters. Kept as a detached text: it can be erased.</param>
    /// <exception cref="ArgumentException">One of them has not that form.</exception>
    public Reader(string officer, string reason)
    {
        if (!IsId(officer))
        {
            throw new ArgumentException("An officer id has 1 to 64 letters, digits, dots, underscores or hyphens.", nameof(officer));
        }

        if (reason.Trim().Length is < 10 or > LongestReason)
        {
            throw new ArgumentException($"A reason has 10 to {LongestReason} characters.", nameof(reason));
        }

        (Officer, Reason) = (officer, reason.Trim());
    }

    /// <summary>Officer id.</summary>
    public string Officer { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }

    /// <summary>Role in which the officer asks, when a console knows it.</summary>
    public string? Role { get; init; }

    /// <summary>Session, when there is one.</summary>
    public string? Session { get; init; }

    /// <summary>The request (ULID) that this belongs to, when there is one.</summary>
    public string? Request { get; init; }

    private static bool IsId(string text) =>
        text.Length is >= 1 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>An answer together with the seal of having been asked for.</summary>
/// <typeparam name="T">What is shown.</typeparam>
/// <param name="Answer">What is shown.</param>
/// <param name="Receipt">Proof that the reading is recorded.</param>
/// <param name="At">Sizes of the logs that the index had seen.</param>
public sealed record View<T>(T Answer, Ledger.Receipt Receipt, IReadOnlyDictionary<string, long> At);
