using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ledger;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sandbox.Deployment;

namespace Sandbox;

/// <summary>
/// What a partner's program does, in the fewest lines: prove who it is, take a token for one purpose, ask. Driven by what
/// stands in <c>sandbox.json</c> and nothing else.
/// </summary>
public sealed class Partner : IDisposable
{
    private readonly SandboxFile _town;
    private readonly ClientEntry _right;
    private readonly X509Certificate2? _certificate;
    private readonly ProofKey? _proofs;
    private readonly Dictionary<string, string> _nonces = new(StringComparer.Ordinal);

    /// <summary>Speaks as one client under one right.</summary>
    public Partner(SandboxFile town, ClientEntry right)
    {
        this._town = town;
        this._right = right;
        _certificate = right.Dpop ? null : SecretFile.Certificate(right.Certificate, right.CertificateKey);
        _proofs = right.ProofKey is { } file ? new ProofKey(file) : null;
        Http = Connect(town.Ca, _certificate);
    }

    /// <summary>Client that shows the partner's certificate, if it has one.</summary>
    public HttpClient Http { get; }

    /// <summary>Asks the authority for a token (RFC 7523 or RFC 8705) under the right's agreement and purpose.</summary>
    /// <param name="scopes">Operations; all of the right's when none is named.</param>
    public async Task<HttpResponseMessage> RequestToken(params string[] scopes)
    {
        var details = new[]
        {
            new
            {
                type = "data_exchange",
                agreement = _right.Agreement,
                purpose = _right.Purpose,
            },
        };
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = _right.Id,
            ["scope"] = string.Join(' ', scopes.Length == 0 ? [.. _right.Scopes] : scopes),
            ["authorization_details"] = JsonSerializer.Serialize(details),
        };
        if (_right.Key is not null)
        {
            form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            form["client_assertion"] = Assertion();
        }
        if (_proofs is not null)
            return await Prove(new Uri(_town.PublicTokenEndpoint!), () => Fresh(form), token: null);
        using var body = new FormUrlEncodedContent(form);
        return await Http.PostAsync(new Uri(_town.TokenEndpoint), body);
    }

    /// <summary>
    /// Posts JSON to the gateway with a token and a proof; takes the nonce that the gateway wants and repeats once (RFC 9449 section 9).
    /// </summary>
    /// <param name="path">Path.</param>
    /// <param name="json">Body.</param>
    /// <param name="token">Token of this partner.</param>
    public Task<HttpResponseMessage> Ask(string path, string json, string token) =>
        Prove(new Uri(_town.GatewayDpop + path), () => new StringContent(json, Encoding.UTF8, "application/json"), token);

    private async Task<HttpResponseMessage> Prove(Uri address, Func<HttpContent> body, string? token)
    {
        var (known, response) = (_nonces.GetValueOrDefault(address.Authority), await Once(address, body(), token));
        if (response.IsSuccessStatusCode || _nonces.GetValueOrDefault(address.Authority) == known)
            return response;
        response.Dispose();
        return await Once(address, body(), token);
    }

    private async Task<HttpResponseMessage> Once(Uri address, HttpContent body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body };
        request.Headers.Add("DPoP", _proofs!.Make("POST", address.AbsoluteUri, token, _nonces.GetValueOrDefault(address.Authority)));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("DPoP", token);
        var response = await Http.SendAsync(request);
        if (response.Headers.TryGetValues("DPoP-Nonce", out var given))
            _nonces[address.Authority] = given.Single();
        return response;
    }

    // Each attempt needs an assertion of its own: the first one is spent.
    private FormUrlEncodedContent Fresh(Dictionary<string, string> form)
    {
        form["client_assertion"] = Assertion();
        return new FormUrlEncodedContent(form);
    }

    /// <summary>A token's text.</summary>
    /// <exception cref="TokenRefused">The authority refused; the message is its error object.</exception>
    public async Task<string> Token(params string[] scopes)
    {
        using var response = await RequestToken(scopes);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new TokenRefused(response.StatusCode, $"no token for {_right.Id}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("access_token").GetString()!;
    }

    /// <summary>Client assertion of a minute, for the issuer, used once.</summary>
    public string Assertion()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(
            SecretFile.ReadText(_right.Key ?? throw new InvalidOperationException($"{_right.Id} proves itself by certificate"))
        );
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = _right.Id,
                Audience = _town.Issuer,
                IssuedAt = now,
                Expires = now.AddSeconds(60),
                Claims = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["sub"] = _right.Id,
                    ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                },
                SigningCredentials = new SigningCredentials(
                    new ECDsaSecurityKey(key)
                    {
                        KeyId = _right.Kid,
                        CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
                    },
                    SecurityAlgorithms.EcdsaSha256
                ),
            }
        );
    }

    /// <summary>A client that trusts the town's CA alone and shows a certificate, or none.</summary>
    /// <param name="ca">PEM of the CA.</param>
    /// <param name="certificate">Client certificate; the caller keeps it as long as the client lives.</param>
    public static HttpClient Connect(string ca, X509Certificate2? certificate)
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        trust.CustomTrustStore.ImportFromPemFile(ca);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = trust,
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            },
        };
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Http.Dispose();
        _certificate?.Dispose();
        _proofs?.Dispose();
    }
}

/// <summary>The authority gave no token.</summary>
/// <param name="status">Status of its answer.</param>
/// <param name="words">Who asked, and the error object.</param>
public sealed class TokenRefused(System.Net.HttpStatusCode status, string words) : InvalidOperationException(words)
{
    /// <summary>Status of its answer.</summary>
    public System.Net.HttpStatusCode Status { get; } = status;
}
