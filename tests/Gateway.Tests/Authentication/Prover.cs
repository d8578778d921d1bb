using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;

namespace Gateway.Tests.Authentication;

/// <summary>
/// A system with a proof key that can make every proof, the wrong ones above all, and shows no certificate unless told to.
/// </summary>
internal sealed class Prover : IDisposable
{
    private readonly Town _town;
    private readonly ECDsa _key = ECDsa.Create();
    private readonly HttpClient _http;

    public Prover(Town town)
    {
        _town = town;
        _key.ImportFromPem(File.ReadAllText(town.File.Clients.First(static client => client.Id == Client).ProofKey!));
        _http = town.ClientWith(certificate: null);
    }

    public const string Client = "anss-field";

    public string Listener => _town.File.GatewayDpop!;

    /// <summary>A fresh token bound to the key.</summary>
    public Task<string> Token() => _town.TokenFor(Client);

    /// <summary>A nonce of the gateway, as its first answer gives it.</summary>
    public async Task<string> Nonce(string token) => (await Send(token, Proof(token, nonce: null))).Header("DPoP-Nonce")!;

    /// <summary>A sound proof for the usual question, but for what <paramref name="change"/> does to it.</summary>
    public string Proof(string token, string? nonce, Action<JsonObject>? change = null, ECDsa? key = null)
    {
        var point = (key ?? _key).ExportParameters(includePrivateParameters: false).Q;
        var header =
            $$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"} }""";
        var claims = new JsonObject
        {
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            ["htm"] = "POST",
            ["htu"] = Listener + Ask.Enrolments,
            ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            ["ath"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token))),
        };
        if (nonce is not null)
            claims["nonce"] = nonce;
        change?.Invoke(claims);
        var input =
            $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{input}.{Base64Url.EncodeToString((key ?? _key).SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The usual question with any proof, under any scheme, at any listener.</summary>
    public async Task<Reply> Send(
        string? token,
        string? proof,
        string scheme = "DPoP",
        string? listener = null,
        HttpClient? http = null,
        string path = Ask.Enrolments
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri((listener ?? Listener) + path))
        {
            Content = new StringContent(Ask.Question(_town, Fixtures.PlainChild), Encoding.UTF8, "application/json"),
        };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
        if (proof is not null)
            request.Headers.Add("DPoP", proof);
        return await Reply.Of(_town, await (http ?? _http).SendAsync(request));
    }

    public void Dispose()
    {
        _http.Dispose();
        _key.Dispose();
    }
}
