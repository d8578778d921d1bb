namespace Tokens.Stores;

/// <summary>Where a replay guard or a status list lives: a SQLite file for the programs of one host.</summary>
public sealed class StoreSettings
{
    /// <summary>SQLite file; made when it does not exist.</summary>
    public string? File { get; set; }

    internal string RequiredFile => File is { Length: > 0 } file ? file : throw new StoreRefused("the store has no File");
}
