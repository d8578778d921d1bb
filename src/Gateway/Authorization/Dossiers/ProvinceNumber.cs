using System.Globalization;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// A province as a number below 16,000: <c>06.181.</c> is 6181. Regions run from 01 to 15, although the country has twelve.
/// </summary>
internal static class ProvinceNumber
{
    private const int Limit = 16_000;
    private static readonly string?[] Texts = new string?[Limit];

    /// <summary>Reads <c>rr.ppp.</c> (exchanges page, section 1.1, at the level of a province).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ushort number)
    {
        number = 0;
        if (text.Length != 7 || text[2] != '.' || text[6] != '.')
            return false;
        if (text[..2].ContainsAnyExceptInRange('0', '9') || text[3..6].ContainsAnyExceptInRange('0', '9'))
            return false;
        number = (ushort)(int.Parse(text[..2], CultureInfo.InvariantCulture) * 1000 + int.Parse(text[3..6], CultureInfo.InvariantCulture));
        return number is >= 1000 and < Limit;
    }

    /// <summary>The code; the same string every time, so that a look-up allocates nothing.</summary>
    public static string Text(ushort number) =>
        Texts[number] ??= string.Create(CultureInfo.InvariantCulture, $"{number / 1000:00}.{number % 1000:000}.");
}
