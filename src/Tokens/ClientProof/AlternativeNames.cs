using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.ClientProof;

/// <summary>
/// The subject alternative names of a certificate (RFC 5280 section 4.2.1.6): the four kinds that a registration can name.
/// </summary>
internal sealed record AlternativeNames(
    ImmutableArray<string> Emails,
    ImmutableArray<string> DnsNames,
    ImmutableArray<string> Uris,
    ImmutableArray<IPAddress> Addresses
)
{
    private const string Extension = "2.5.29.17";
    private static readonly AlternativeNames None = new([], [], [], []);

    /// <summary>Reads them; none when the extension is absent or is not DER.</summary>
    internal static AlternativeNames Of(X509Certificate2 certificate)
    {
        var names = None;
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != Extension)
                continue;
            try
            {
                var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (sequence.HasData)
                    names = Add(names, sequence);
            }
            catch (AsnContentException)
            {
                return None;
            }
        }
        return names;
    }

    private static AlternativeNames Add(AlternativeNames names, AsnReader sequence)
    {
        var tag = sequence.PeekTag();
        switch (tag.TagValue)
        {
            case 1:
                return names with { Emails = names.Emails.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag)) };
            case 2:
                return names with { DnsNames = names.DnsNames.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag)) };
            case 6:
                return names with { Uris = names.Uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag)) };
            case 7 when sequence.ReadOctetString(tag) is { Length: 4 or 16 } bytes:
                return names with { Addresses = names.Addresses.Add(new IPAddress(bytes)) };
            case 7:
                return names;
            default:
                sequence.ReadEncodedValue();
                return names;
        }
    }
}
