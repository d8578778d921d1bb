using System.Globalization;
using System.Text;

namespace Ledger.Tiles;

/// <summary>File names of C2SP tlog-tiles: <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/3</c>.</summary>
public static class TilePath
{
    /// <summary>Hashes in a full tile, entries in a full bundle.</summary>
    public const int Width = 256;

    /// <summary>Levels of the tree in a tile.</summary>
    internal const int Levels = 8;

    /// <summary>Whether the record at this index is the last one of its bundle.</summary>
    internal static bool Ends(long index) => (index & Width - 1) == Width - 1;

    /// <summary>Path of a tile of hashes, relative to the log.</summary>
    /// <param name="level">0 for leaf hashes; each level is 256 times coarser.</param>
    /// <param name="index">Position on its level.</param>
    /// <param name="width">Hashes in it; less than 256 names a partial tile.</param>
    public static string Of(int level, long index, int width = Width) =>
        Path.Combine("tile", level.ToString(CultureInfo.InvariantCulture), Name(index, width));

    /// <summary>Path of a bundle of entries, relative to the log.</summary>
    public static string OfEntries(long index, int width = Width) => Path.Combine("tile", "entries", Name(index, width));

    private static string Name(long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width);
        var name = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{index % 1000:000}"));
        for (var rest = index / 1000; rest > 0; rest /= 1000)
        {
            name.Insert(0, string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/"));
        }

        return width == Width ? name.ToString() : string.Create(CultureInfo.InvariantCulture, $"{name}.p/{width}");
    }
}
