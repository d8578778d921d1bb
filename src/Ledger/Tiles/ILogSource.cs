namespace Ledger.Tiles;

/// <summary>
/// Where the files of a published log are read: its folder, or a server that shows it under the same names. Nothing that comes from here is
/// believed before it was checked. Implementations MUST be safe for several threads.
/// </summary>
public interface ILogSource
{
    /// <summary>The text of <c>checkpoint</c> or <c>checkpoint-witnessed</c>; null when there is none.</summary>
    string? Note(string name);

    /// <summary>Reads a tile or bundle in its full form, else in a partial form of at least <paramref name="width"/>.</summary>
    /// <param name="relative">Name of the full form, for instance <c>tile/0/000</c>.</param>
    /// <param name="width">Hashes or entries that are needed.</param>
    /// <param name="buffer">Gets the bytes from its start on; another one takes its place when it is too small.</param>
    /// <param name="promised">Hashes or entries that the name of what was read promises.</param>
    /// <returns>How many bytes were read; −1 when neither form is there.</returns>
    int Read(string relative, int width, ref byte[] buffer, out int promised);
}
