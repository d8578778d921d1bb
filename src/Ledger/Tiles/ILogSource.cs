namespace Ledger.Tiles;

/// <summary>
/// Where the files of a published log are read: its folder, or a server that shows it under the same names. Nothing that comes from here is
/// believed before it was checked. Implementations MUST be safe for several threads.
/// </summary>
public interface ILogSource
{
    /// <summary>The text of <c>checkpoint</c> or <c>checkpoint-witnessed</c>; null when there is none.</summary>
    string? Note(string name);

    /// <summary>
    /// The bytes of a tile or bundle in its full form, else in a partial form of at least <paramref name="width"/>; null when neither is there.
    /// </summary>
    /// <param name="relative">Name of the full form, for instance <c>tile/0/000</c>.</param>
    /// <param name="width">Hashes or entries that are needed.</param>
    /// <param name="promised">Hashes or entries that the name of what was read promises.</param>
    byte[]? Read(string relative, int width, out int promised);
}
