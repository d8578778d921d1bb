using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agreements.Keys;

namespace Agreements.Signatures;

/// <summary>
/// ES256 over an agreement file (exchanges page, section 16.3): the signed bytes are those before the line <c>signatures:</c>,
/// the value is base64url of r‖s (RFC 7518, section 3.4). It holds no key: whoever signs brings one.
/// </summary>
public static class AgreementSignature
{
    private static readonly byte[] Mark = "signatures:"u8.ToArray();

    /// <summary>The bytes that are signed: the file up to its first line that begins with <c>signatures:</c>, or all of it.</summary>
    public static ReadOnlySpan<byte> SignedBytes(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Mark)) return [];
        var at = file.IndexOf("\nsignatures:"u8);
        return at < 0 ? file : file[..(at + 1)];
    }

    /// <summary>Signs the file's text; gives the <c>value</c> of its entry.</summary>
    /// <param name="fileText">Text of the agreement file, with or without signatures.</param>
    /// <param name="key">Private key on P-256.</param>
    /// <exception cref="ArgumentException">The key is not on P-256.</exception>
    public static string Sign(string fileText, ECDsa key)
    {
        if (key.KeySize != 256) throw new ArgumentException("ES256 takes a key on P-256.", nameof(key));
        var signed = SignedBytes(Encoding.UTF8.GetBytes(fileText));
        return Base64Url.EncodeToString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>The file's text with these signatures in place of any that it had. Every signer signs the same bytes.</summary>
    public static string Append(string fileText, IEnumerable<Signer> signers)
    {
        var body = Encoding.UTF8.GetString(SignedBytes(Encoding.UTF8.GetBytes(fileText)));
        if (!body.EndsWith('\n')) body += '\n';
        var text = new StringBuilder(body).Append("signatures:\n");
        foreach (var signer in signers)
            text.Append(CultureInfo.InvariantCulture,
                $"  - {{ institution: {signer.Institution}, function: {signer.Function}, on: {signer.On:yyyy-MM-dd}, keyId: {signer.KeyId}, algorithm: ES256, value: \"{Sign(body, signer.Key)}\" }}\n");
        return text.ToString();
    }

    /// <summary>Does <paramref name="value"/> sign the file under this public key?</summary>
    /// <param name="file">Bytes of the whole file.</param>
    /// <param name="value">Base64url of r‖s.</param>
    /// <param name="publicJwk">Public key as JWK.</param>
    public static bool Verify(ReadOnlySpan<byte> file, string value, string publicJwk)
    {
        if (StrictBase64Url.Decode(value) is not { Length: 64 } signature) return false;
        using var document = JsonDocument.Parse(publicJwk);
        if (PublicKey.Read(document.RootElement, out _) is not { Algorithm: "ES256" }) return false;
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Coordinate(document, "x"), Y = Coordinate(document, "y") },
        });
        return key.VerifyData(SignedBytes(file), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Coordinate(JsonDocument jwk, string name) => Base64Url.DecodeFromChars(jwk.RootElement.GetProperty(name).GetString());
}

/// <summary>Who signs an agreement file.</summary>
/// <param name="Institution">Party.</param>
/// <param name="Function">Office held; never a person's name. Plain words: it is written into YAML as it stands.</param>
/// <param name="On">Day of signature.</param>
/// <param name="KeyId">Key id of the institution file.</param>
/// <param name="Key">Private key on P-256; stays with the caller.</param>
public sealed record Signer(string Institution, string Function, DateOnly On, string KeyId, ECDsa Key);
