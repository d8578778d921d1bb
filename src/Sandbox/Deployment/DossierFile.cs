using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agreements;
using Sandbox.Institutions.Education;
using Sandbox.Persons;

namespace Sandbox.Deployment;

/// <summary>
/// The agency's declared dossiers, one NDJSON line each with the person's pseudonym (exchanges page, section 11.2): all
/// pupils, and all fixtures but <see cref="Fixtures.NoDossier"/>. Identifiers never stand in it.
/// </summary>
public static class DossierFile
{
    private static readonly HashSet<string> AnyQuality =
    [
        Fixtures.TwoRecords,
        Fixtures.Slow,
        Fixtures.Down,
        Fixtures.Generous,
        Fixtures.WrongTypes,
        Fixtures.BrokenBody,
        Fixtures.WrongPerson,
        Fixtures.OldData,
    ];

    private static readonly HashSet<string> Adults = [Fixtures.JobSeeker, Fixtures.WageEarner, Fixtures.PregnantWoman, Fixtures.Deceased];

    /// <summary>Writes the file unless it was written for the same contracts, population and key.</summary>
    /// <param name="path">File.</param>
    /// <param name="registry">Contracts: which grants have a gate.</param>
    /// <param name="key">Key of the register's pseudonyms.</param>
    /// <param name="pupils">Size of the ministry's register.</param>
    /// <param name="calendar">School year, in which dossiers open.</param>
    public static void Write(string path, Registry registry, byte[] key, int pupils, SchoolCalendar calendar)
    {
        var gates = Gates(registry, calendar.Today).ToArray();
        var mark =
            $"{calendar.Name} {pupils} {Convert.ToHexString(SHA256.HashData(key))[..16]} {string.Join(' ', gates.Select(g => $"{g.Agreement}/{g.Quality}/{g.Sector}"))}";
        var markFile = path + ".mark";
        if (File.Exists(path) && File.Exists(markFile) && File.ReadAllText(markFile) == mark)
            return;
        File.Delete(markFile);
        var from = calendar.Day(9, 1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        using (var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16))
        {
            foreach (var gate in gates)
            {
                foreach (var idcs in Fixtures.All)
                    if (Has(idcs, gate.Quality))
                        file.Write(
                            Line(gate, key, idcs, idcs == Fixtures.OtherProvince ? Fixtures.AnotherProvince : Fixtures.Province, from)
                        );
                if (!gate.HasPupils)
                    continue;
                var register = PupilGenerator.Make(pupils);
                var lines = new string[register.Length];
                Parallel.For(0, lines.Length, i =>
                    lines[i] = Line(gate, key, register[i].Idcs, Province.All[register[i].Province].Code, from)
                );
                foreach (var line in lines)
                    file.Write(line);
            }
        }
        // Last: a file cut short by a crash is written again.
        File.WriteAllText(markFile, mark);
    }

    private static string Line(Gate gate, byte[] key, string idcs, string province, string from)
    {
        var person = Pseudonym(key, SectorToken.Of(gate.Sector, idcs));
        return $$"""{"agreement":"{{gate.Agreement}}","quality":"{{gate.Quality}}","person":"{{person}}","province":"{{province}}","from":"{{from}}"}"""
            + "\n";
    }

    /// <summary>
    /// base64url of the first 16 bytes of HMAC-SHA-256(key, "dossier:" sector token), as the gateway's register computes it.
    /// </summary>
    private static string Pseudonym(byte[] key, string sectorToken)
    {
        Span<byte> message = stackalloc byte[64];
        "dossier:"u8.CopyTo(message);
        var length = 8 + Encoding.ASCII.GetBytes(sectorToken, message[8..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message[..length], mac);
        return System.Buffers.Text.Base64Url.EncodeToString(mac[..16]);
    }

    private static bool Has(string idcs, string quality) =>
        idcs != Fixtures.NoDossier
        && (
            AnyQuality.Contains(idcs)
            || quality switch
            {
                "ASD_ADULT" => Adults.Contains(idcs) || idcs is Fixtures.PlainChild,
                "ASD_PREGNANCY" => idcs == Fixtures.PregnantWoman,
                _ => !Adults.Contains(idcs) || idcs is Fixtures.Deceased,
            }
        );

    private static IEnumerable<Gate> Gates(Registry registry, DateOnly today) =>
        (
            from agreement in registry.Agreements.Values
            where today <= agreement.Until
            from grant in agreement.Grants
            where grant.Population.Gate == "open-dossier"
            from operation in grant.Operations
            where !registry.Operations[operation.Id].AnsweredByGateway
            let sector = registry.Operations[operation.Id].Sector
            from quality in grant.Population.Qualities
            select new Gate(agreement.Id, quality, sector, sector == "education" && grant.Provider == "menps")
        )
            .Distinct()
            .OrderBy(g => g.Agreement, StringComparer.Ordinal)
            .ThenBy(g => g.Quality, StringComparer.Ordinal);

    /// <summary>A quality of an agreement in a sector; pupils have dossiers where the ministry is asked.</summary>
    private sealed record Gate(string Agreement, string Quality, string Sector, bool HasPupils);
}
