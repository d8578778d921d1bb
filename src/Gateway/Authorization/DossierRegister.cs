using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Authorization;

/// <summary>A dossier: the relation between an institution and a person that opens the gate.</summary>
/// <param name="Province">Province, for example <c>06.181.</c>.</param>
/// <param name="From">First civil day.</param>
/// <param name="To">Last civil day; null while it is open.</param>
internal readonly record struct Dossier(string Province, DateOnly From, DateOnly? To)
{
    /// <summary>Is the dossier open on <paramref name="day"/>?</summary>
    public bool IsOpen(DateOnly day) => From <= day && (To is null || day <= To);
}

/// <summary>
/// Who has an open dossier, in which quality, in which province (exchanges page, section 11.2). Holds keyed pseudonyms only;
/// its key is neither a sector key nor the ledger's, so the register and the log cannot be joined.
/// </summary>
/// <remarks>
/// Declared through a file of NDJSON lines
/// <c>{"agreement":"ANSS-MENPS-2026-01","quality":"ASD_CHILD_SCHOOL_AGE","person":"&lt;22 characters&gt;","province":"06.181.","from":"2026-09-01"}</c>
/// with an optional <c>to</c>; <c>person</c> is what <see cref="Pseudonym"/> gives.
/// </remarks>
internal sealed class DossierRegister(byte[] key)
{
    private readonly ConcurrentDictionary<(UInt128 Person, string Agreement, string Quality), Dossier> _dossiers = new();

    /// <summary>Reads a file of declarations; every line must be sound, or nothing is declared.</summary>
    /// <exception cref="InvalidDataException">A line is not a declaration; names the line, never its content.</exception>
    public static DossierRegister Load(string path, byte[] key)
    {
        var register = new DossierRegister(key);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0) continue;
            try
            {
                var entry = JsonSerializer.Deserialize(line, DossierJson.Default.DossierEntry) ?? throw new JsonException();
                register._dossiers[(Decode(entry.Person), string.Intern(entry.Agreement), string.Intern(entry.Quality))] =
                    new Dossier(string.Intern(entry.Province), entry.From, entry.To);
            }
            catch (Exception fault) when (fault is JsonException or FormatException)
            {
                throw new InvalidDataException($"dossier register: line {number} is not a declaration", fault);
            }
        }

        return register;
    }

    /// <summary>The open dossier of <paramref name="person"/> in the first of <paramref name="qualities"/> that has one; null when there is none.</summary>
    public Dossier? Find(string agreement, ImmutableArray<string> qualities, Person person, DateOnly day)
    {
        var handle = Decode(Pseudonym(key, person.SectorToken));
        foreach (var quality in qualities)
            if (_dossiers.TryGetValue((handle, agreement, quality), out var dossier) && dossier.IsOpen(day)) return dossier;
        return null;
    }

    /// <summary>base64url of the first 16 bytes of HMAC-SHA-256(key, "dossier:" sector token): 22 characters.</summary>
    public static string Pseudonym(ReadOnlySpan<byte> key, string sectorToken)
    {
        Span<byte> message = stackalloc byte[64], mac = stackalloc byte[32];
        var length = Encoding.ASCII.GetBytes("dossier:", message);
        length += Encoding.ASCII.GetBytes(sectorToken, message[length..]);
        HMACSHA256.HashData(key, message[..length], mac);
        return System.Buffers.Text.Base64Url.EncodeToString(mac[..16]);
    }

    private static UInt128 Decode(string pseudonym)
    {
        Span<byte> bytes = stackalloc byte[24];
        if (pseudonym.Length != 22) throw new FormatException();
        var written = System.Buffers.Text.Base64Url.DecodeFromChars(pseudonym, bytes);
        if (written != 16) throw new FormatException();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
