using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agreements.Keys;

namespace Agreements.Signatures;

/// <summary>
/// A signature under an agreement file, or under approvals: a detached JWS (<see cref="DetachedJws"/>) over the bytes before the line
/// <c>signatures:</c> (exchanges page, section 16.3). It holds no key: whoever signs brings one.
/// </summary>
public static class AgreementSignature
{
    private static readonly byte[] Mark = "signatures:"u8.ToArray();

    /// <summary>The bytes that are signed: the file up to its first line that begins with <c>signatures:</c>, or all of it.</summary>
    public static ReadOnlySpan<byte> SignedBytes(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Mark))
            return [];
        var at = file.IndexOf("\nsignatures:"u8);
        return at < 0 ? file : file[..(at + 1)];
    }

    /// <summary>Signs the file's text; gives the <c>value</c> of its entry.</summary>
    /// <param name="fileText">Text of the agreement file, with or without signatures.</param>
    /// <param name="keyId">What the entry names: the key id of the institution file, or the operator.</param>
    /// <param name="key">Private key on P-256.</param>
    /// <exception cref="ArgumentException">The key is not on P-256.</exception>
    public static string Sign(string fileText, string keyId, ECDsa key)
    {
        if (key.KeySize != 256)
            throw new ArgumentException("ES256 takes a key on P-256.", nameof(key));
        return DetachedJws.Sign(SignedBytes(Encoding.UTF8.GetBytes(fileText)), keyId, key);
    }

    /// <summary>The file's text with these signatures in place of any that it had. Every signer signs the same bytes.</summary>
    public static string Append(string fileText, IEnumerable<Signer> signers)
    {
        var body = Encoding.UTF8.GetString(SignedBytes(Encoding.UTF8.GetBytes(fileText)));
        if (!body.EndsWith('\n'))
            body += '\n';
        var text = new StringBuilder(body).Append("signatures:\n");
        foreach (var signer in signers)
            text.Append(
                CultureInfo.InvariantCulture,
                $"  - {{ institution: {signer.Institution}, function: {signer.Function}, on: {signer.On:yyyy-MM-dd}, keyId: {signer.KeyId}, algorithm: ES256, value: \"{Sign(body, signer.KeyId, signer.Key)}\" }}\n"
            );
        return text.ToString();
    }

    /// <summary>Does <paramref name="value"/> sign the file under this public key?</summary>
    /// <param name="file">Bytes of the whole file.</param>
    /// <param name="value">Detached JWS.</param>
    /// <param name="keyId">What the entry names, and <c>kid</c> must.</param>
    /// <param name="publicJwk">Public key as JWK.</param>
    public static SignatureVerdict Judge(ReadOnlySpan<byte> file, string value, string keyId, string publicJwk)
    {
        if (DetachedJws.Read(value, keyId) is not { } jws)
            return SignatureVerdict.NotOfThisForm;
        using var document = JsonDocument.Parse(publicJwk);
        if (PublicKey.Read(document.RootElement, out _) is not { Algorithm: "ES256" })
            return SignatureVerdict.DoesNotFit;
        using var key = ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = Coordinate(document, "x"), Y = Coordinate(document, "y") } }
        );
        return jws.Signs(SignedBytes(file), key) ? SignatureVerdict.Fits : SignatureVerdict.DoesNotFit;
    }

    /// <summary>What tells this signature from another, base64url; empty when it is no detached JWS of this key.</summary>
    internal static string IdentityOf(string value, string keyId) =>
        DetachedJws.Read(value, keyId) is { } jws ? Base64Url.EncodeToString(jws.Identity()) : "";

    private static byte[] Coordinate(JsonDocument jwk, string name) =>
        Base64Url.DecodeFromChars(jwk.RootElement.GetProperty(name).GetString());
}

/// <summary>Who signs an agreement file.</summary>
/// <param name="Institution">Party.</param>
/// <param name="Function">Office held; never a person's name. Plain words: it is written into YAML as it stands.</param>
/// <param name="On">Day of signature.</param>
/// <param name="KeyId">Key id of the institution file.</param>
/// <param name="Key">Private key on P-256; stays with the caller.</param>
public sealed record Signer(string Institution, string Function, DateOnly On, string KeyId, ECDsa Key);
