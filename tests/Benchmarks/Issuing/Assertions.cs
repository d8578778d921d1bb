using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sandbox;

namespace Benchmarks.Issuing;

/// <summary>Whole token requests, made before the clock runs: each with an assertion of its own, signed ES256, used once.</summary>
public sealed class Assertions(Town town, string audience, Uri token) : IDisposable
{
    private static readonly string Run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly ECDsa[] _keys = [.. Enumerable.Range(0, TokenTown.Clients).Select(lane => town.Keys.Load(TokenTown.Name(lane)))];
    private readonly string[] _kids =
    [
        .. Enumerable.Range(0, TokenTown.Clients).Select(lane => town.Keys.Public(TokenTown.Name(lane)).Kid),
    ];
    private long _count;

    /// <summary>Requests of every lane, as bytes on the wire.</summary>
    public byte[][][] Make(int perLane) => [.. Enumerable.Range(0, TokenTown.Clients).Select(lane => Lane(lane, perLane))];

    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
    }

    private byte[][] Lane(int lane, int count)
    {
        var client = TokenTown.Name(lane);
        var header = Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes($$"""{"alg":"ES256","typ":"client-authentication+jwt","kid":"{{_kids[lane]}}"}""")
        );
        var form =
            "grant_type=client_credentials&client_id="
            + client
            + "&scope="
            + TokenTown.Scope
            + "&resource="
            + Uri.EscapeDataString(town.File.Gateway)
            + "&authorization_details="
            + Uri.EscapeDataString(TokenTown.Details)
            + "&client_assertion_type="
            + Uri.EscapeDataString("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            + "&client_assertion=";
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var requests = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var claims = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"iss":"{{client}}","sub":"{{client}}","aud":"{{audience}}","iat":{{now}},"nbf":{{now}},"exp":{{now + 300}},"jti":"{{Run}}-{{_count++}}"}"""
            );
            var input = header + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
            var body =
                form
                + input
                + "."
                + Base64Url.EncodeToString(_keys[lane].SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
            requests[i] = Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"POST {token.AbsolutePath} HTTP/1.1\r\nHost: {token.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                )
            );
        }
        return requests;
    }
}
