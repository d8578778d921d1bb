using System.Globalization;
using System.Text;

namespace Agreements.Loading.Yaml;

/// <summary>
/// Characters that a reader does not see, or that change the order in which he sees the others: who signs must see what programs read.
/// Spaces are seen, whatever their width.
/// </summary>
internal static class Invisible
{
    // Shown as nothing, and yet counted by Unicode among letters, marks and symbols.
    private static readonly (int First, int Last)[] ShownAsNothing =
    [
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFFC, 0xFFFC),
        (0x1D159, 0x1D159),
        (0xE0100, 0xE01EF),
    ];

    /// <summary>Is it one of them? The line feed ends a line and is none.</summary>
    public static bool Is(Rune rune) =>
        rune.IsAscii
            ? rune.Value is < ' ' and not '\n' or 0x7F
            : Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.Surrogate => true,
                _ => ShownAsNothing.Any(range => rune.Value >= range.First && rune.Value <= range.Last),
            };

    /// <summary>The first of them in a text; null when there is none.</summary>
    public static Rune? FirstIn(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (Is(rune))
                return rune;
        return null;
    }
}
