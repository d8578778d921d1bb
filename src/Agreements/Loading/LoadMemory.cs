namespace Agreements.Loading;

/// <summary>What a watcher remembers from one load to the next. Not safe for several threads: a watcher loads one set at a time.</summary>
internal sealed class LoadMemory(TimeProvider time)
{
    /// <summary>Digests of agreement files.</summary>
    public FileMemory Files { get; } = new(time);

    /// <summary>Agreements as they were read.</summary>
    public AgreementMemory Agreements { get; } = new();
}
