using System.Collections.Immutable;

namespace Authority.Keys;

/// <summary>Where a key of the ring stands. It follows from the times in <c>ring.json</c> and the clock alone.</summary>
public enum KeyState
{
    /// <summary>Published, not used yet.</summary>
    Announced,

    /// <summary>Signs.</summary>
    Signing,

    /// <summary>Published until its last token and the last cached key set have expired; signs no more.</summary>
    Retired,

    /// <summary>Neither published nor used any more.</summary>
    Gone,

    /// <summary>Taken out at once; tokens that it signed are stopped by the status list.</summary>
    Compromised,
}

/// <summary>A key of the ring as people and records see it: nothing secret.</summary>
/// <param name="Kid">RFC 7638 thumbprint.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Announced">Since when it is published.</param>
/// <param name="SignsFrom">From when it signs.</param>
/// <param name="By">Who ordered its last change; null when the schedule did.</param>
public sealed record RingKey(string Kid, KeyState State, DateTimeOffset Announced, DateTimeOffset SignsFrom, string? By)
{
    /// <summary>The keys of these entries at <paramref name="now"/>, the oldest first.</summary>
    internal static ImmutableArray<RingKey> Of(ImmutableArray<RingEntry> entries, KeyRingOptions options, DateTimeOffset now) =>
        [
            .. entries
                .OrderBy(static entry => entry.SignsFrom)
                .Select(entry => new RingKey(entry.Kid, StateOf(entry, entries, options, now), entry.Announced, entry.SignsFrom, entry.By)),
        ];

    internal static KeyState StateOf(RingEntry entry, ImmutableArray<RingEntry> entries, KeyRingOptions options, DateTimeOffset now)
    {
        if (entry.Compromised is not null)
            return KeyState.Compromised;
        if (entry.SignsFrom > now)
            return KeyState.Announced;
        var next = entries
            .Where(other => other.Compromised is null && other.SignsFrom > entry.SignsFrom && other.SignsFrom <= now)
            .MinBy(static other => other.SignsFrom);
        if (next is null)
            return KeyState.Signing;
        return next.SignsFrom + options.PublishAfter <= now ? KeyState.Gone : KeyState.Retired;
    }
}
