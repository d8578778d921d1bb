using System.Collections.Immutable;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.X509;

namespace Tokens.Revocation;

/// <summary>
/// Names of distribution points: a list that names one covers the certificates that name it too, and no others (RFC 5280 section 6.3.3).
/// </summary>
internal static class DistributionPoints
{
    /// <summary>Stands for a name of a kind that is not compared: such a list covers nothing.</summary>
    private const string Unknown = "";

    /// <summary>The addresses of one point.</summary>
    internal static ImmutableArray<string> Of(DistributionPointName point) =>
        point.Type != DistributionPointName.FullName
            ? [Unknown]
            :
            [
                .. GeneralNames
                    .GetInstance(point.Name)
                    .GetNames()
                    .Select(static name => name.TagNo == GeneralName.UniformResourceIdentifier ? name.Name.ToString()! : Unknown),
            ];

    /// <summary>All addresses that a certificate names.</summary>
    internal static ImmutableArray<string> Of(X509Certificate certificate) =>
        certificate.GetExtensionValue(X509Extensions.CrlDistributionPoints) is not { } value
            ? []
            :
            [
                .. CrlDistPoint
                    .GetInstance(Asn1Object.FromByteArray(value.GetOctets()))
                    .GetDistributionPoints()
                    .Select(static point => point.DistributionPointName)
                    .OfType<DistributionPointName>()
                    .SelectMany(static point => Of(point))
                    .Where(static name => name.Length > 0),
            ];
}
