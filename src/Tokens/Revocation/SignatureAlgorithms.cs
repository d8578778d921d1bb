using System.Collections.Frozen;
using Org.BouncyCastle.Asn1.EdEC;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Asn1.X9;

namespace Tokens.Revocation;

/// <summary>
/// Signatures of revocation lists that count. With SHA-1 or MD5 somebody could make a second list with the same signature.
/// </summary>
internal static class SignatureAlgorithms
{
    private static readonly FrozenSet<string> Signatures = FrozenSet.Create(
        StringComparer.Ordinal,
        X9ObjectIdentifiers.ECDsaWithSha256.Id,
        X9ObjectIdentifiers.ECDsaWithSha384.Id,
        X9ObjectIdentifiers.ECDsaWithSha512.Id,
        PkcsObjectIdentifiers.Sha256WithRsaEncryption.Id,
        PkcsObjectIdentifiers.Sha384WithRsaEncryption.Id,
        PkcsObjectIdentifiers.Sha512WithRsaEncryption.Id,
        EdECObjectIdentifiers.id_Ed25519.Id,
        EdECObjectIdentifiers.id_Ed448.Id
    );

    private static readonly FrozenSet<string> Digests = FrozenSet.Create(
        StringComparer.Ordinal,
        NistObjectIdentifiers.IdSha256.Id,
        NistObjectIdentifiers.IdSha384.Id,
        NistObjectIdentifiers.IdSha512.Id
    );

    /// <summary>May a list be signed so today?</summary>
    internal static bool Contain(AlgorithmIdentifier algorithm) =>
        algorithm.Algorithm.Equals(PkcsObjectIdentifiers.IdRsassaPss)
            ? Digests.Contains(RsassaPssParameters.GetInstance(algorithm.Parameters).HashAlgorithm.Algorithm.Id)
            : Signatures.Contains(algorithm.Algorithm.Id);
}
