using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AuditIndex.Sql;

/// <summary>
/// The number of a log in an index: from the hash of its origin, so that it is the same in every file and every store, and rows of several
/// logs are in one order everywhere.
/// </summary>
internal static class LogNumber
{
    public static long Of(string origin) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(origin))) & 0x7fff_ffff;
}
