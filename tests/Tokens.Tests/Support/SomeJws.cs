using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Tokens.Jose;

namespace Tokens.Tests.Support;

/// <summary>JWS made by hand, right or wrong.</summary>
internal static class SomeJws
{
    public static ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string Make(string header, string payload, ECDsa? key = null)
    {
        var input = Encode(header) + "." + Encode(payload);
        return input + "." + Base64Url.EncodeToString((key ?? Key).SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
    }

    public static string Jwk(ECDsa key, string? kid = null)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"{{(kid is null ? "" : $",\"kid\":\"{kid}\"")}}}""";
    }

    public static KeySet Set(params string[] jwks) => KeySet.Parse($$"""{"keys":[{{string.Join(',', jwks)}}]}""");
}
