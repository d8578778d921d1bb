using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Gateway.Authorization.Dossiers;

namespace Dossiers.Tests.Support;

/// <summary>Ordinary values.</summary>
internal static class Some
{
    public const string Agreement = "ANSS-MENPS-2026-01",
        Quality = "ASD_CHILD_SCHOOL_AGE";

    public static byte[] Key { get; } = SHA256.HashData("a register's key"u8);

    public static DateOnly Day { get; } = new(2026, 9, 1);

    /// <summary>Province 06.181. and its neighbour.</summary>
    public const ushort Here = 6181,
        There = 6467;

    public static UInt128 Person(int number) =>
        BinaryPrimitives.ReadUInt128BigEndian(
            SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)))
        );

    public static Declaration Opening(UInt128 person, DateOnly? from = null, DateOnly? to = null, ushort province = Here) =>
        new(0, person, DeclaredAct.Open, DossierDay.Of(from ?? Day), to is { } last ? DossierDay.Of(last) : DossierDay.Open, province);

    public static Declaration Closing(UInt128 person, DateOnly from, DateOnly to) =>
        new(0, person, DeclaredAct.Close, DossierDay.Of(from), DossierDay.Of(to), 0);

    public static Declaration Moving(UInt128 person, DateOnly from, ushort province) =>
        new(0, person, DeclaredAct.Move, DossierDay.Of(from), DossierDay.Open, province);
}
