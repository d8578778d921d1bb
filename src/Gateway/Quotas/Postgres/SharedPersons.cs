using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Authorization;

namespace Gateway.Quotas.Postgres;

/// <summary>
/// Persons as the shared counters name them: a pseudonym under a key that all nodes hold and the database does not. It is none of the
/// ledger's and none of the dossier register's, so the three cannot be joined.
/// </summary>
internal sealed class SharedPersons(SectorKeys keys)
{
    /// <summary>The first 16 bytes of HMAC-SHA-256(dossier key, "quota:" sector token).</summary>
    public UInt128 Of(Person person)
    {
        Span<byte> message = stackalloc byte[64],
            mac = stackalloc byte[32];
        var length = Encoding.ASCII.GetBytes("quota:", message);
        length += Encoding.ASCII.GetBytes(person.SectorToken, message[length..]);
        HMACSHA256.HashData(keys.DossierKey, message[..length], mac);
        return BinaryPrimitives.ReadUInt128BigEndian(mac);
    }
}
