namespace Authority.Keys;

/// <summary>Times of the ring (authority page, section 10).</summary>
public sealed record KeyRingOptions
{
    /// <summary>A key is published this long before it signs: more than twice the cache time of the key set.</summary>
    public TimeSpan AnnounceFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A key signs this long before the next one does.</summary>
    public TimeSpan SignFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>A key stays published this long after it stopped signing: the longest token, plus one cache time of the key set.</summary>
    public TimeSpan PublishAfter { get; set; } = TokenComposer.Lifetime + Metadata.KeyCacheTime;

    /// <summary>Time between looks at the schedule and at what other nodes changed.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A ring that slept past its last key's time gets a new key at the start instead of refusing it: development only.</summary>
    public bool ReplacesPastKey { get; set; }
}
