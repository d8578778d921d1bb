using System.Globalization;
using System.Runtime.InteropServices;
using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary>A synthetic pupil of the ministry's register, packed: there are a hundred thousand of them.</summary>
/// <param name="Serial">Makes the identifier.</param>
/// <param name="School">Number of the school.</param>
/// <param name="SinceDay">Days between 1 September of the current school year and the start of the status.</param>
/// <param name="Province">Index in <see cref="Persons.Province.All"/>.</param>
/// <param name="Age">Age on 31 December of the year in which the school year starts.</param>
/// <param name="Status">Status in the current school year.</param>
/// <param name="Cycle">Cycle.</param>
/// <param name="Sector">Sector.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Pupil(
    int Serial,
    int School,
    short SinceDay,
    byte Province,
    byte Age,
    EnrolmentStatus Status,
    Cycle Cycle,
    SchoolSector Sector
)
{
    /// <summary>Serial numbers that exist: first digit 2 to 9, then 666, then five digits; the tenth is the check digit.</summary>
    public const int Serials = 800_000;

    /// <summary>Identifier of the pupil.</summary>
    public string Idcs => IdcsOf(Serial);

    /// <summary>Identifier with a serial number: it contains <c>666</c>, which MOSIP's default generator never issues.</summary>
    public static string IdcsOf(int serial)
    {
        Span<char> digits = stackalloc char[10];
        digits[0] = (char)('2' + (serial / 100_000));
        "666".CopyTo(digits[1..]);
        (serial % 100_000).TryFormat(digits[4..9], out _, "D5", CultureInfo.InvariantCulture);
        digits[9] = Verhoeff.CheckDigit(digits[..9]);
        return new string(digits);
    }
}
