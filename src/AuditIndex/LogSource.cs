using Ledger;
using Ledger.Notes;
using Ledger.Tiles;

namespace AuditIndex;

/// <summary>A log that is followed: where its published files are, and whom to believe about it.</summary>
/// <param name="Origin">Origin line of the log.</param>
/// <param name="Directory">The folder that holds <c>checkpoint</c> and <c>tile/</c>.</param>
/// <param name="Policy">Keys, and witnesses if they are asked for.</param>
public sealed record LogSource(string Origin, string Directory, TrustPolicy Policy)
{
    /// <summary>Whether anything has been published yet.</summary>
    public bool IsPublished => File.Exists(Path.Combine(Directory, "checkpoint"));

    /// <summary>Opens the log at its newest published checkpoint.</summary>
    /// <exception cref="LedgerDamaged">The checkpoint is not of this log, or the policy does not accept it.</exception>
    public LogReader Open()
    {
        var log = LogReader.Open(Directory, Policy);
        return log.Checkpoint.Origin == Origin
            ? log
            : throw new LedgerDamaged("checkpoint", $"it is of {log.Checkpoint.Origin}, not of {Origin}");
    }
}

/// <summary>Where a record stands. What every row carries, and what a proof is made for.</summary>
/// <param name="Origin">Origin line of the log.</param>
/// <param name="Index">Position in it.</param>
public readonly record struct RecordPosition(string Origin, long Index)
{
    /// <summary><c>origin:index</c>, one line of the digest that a sealed view carries.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Origin}:{Index}");
}
