using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Authority.Tests.Support;

/// <summary>Makes JWS of any shape, the wrong ones above all.</summary>
internal static class Jws
{
    public static string Make(string header, string payload, AsymmetricAlgorithm? key, RSASignaturePadding? padding = null)
    {
        var input =
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        var bytes = Encoding.ASCII.GetBytes(input);
        var signature = key switch
        {
            ECDsa elliptic => elliptic.SignData(bytes, HashAlgorithmName.SHA256),
            RSA rsa => rsa.SignData(bytes, HashAlgorithmName.SHA256, padding ?? RSASignaturePadding.Pss),
            _ => [],
        };
        return input + "." + Base64Url.EncodeToString(signature);
    }

    public static JsonNode Header(string jwt) => JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[0]))!;

    public static JsonNode Payload(string jwt) => JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[1]))!;
}
