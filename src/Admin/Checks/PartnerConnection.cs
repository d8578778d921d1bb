using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tokens.Transport;

namespace Admin.Checks;

/// <summary>What a partner's program has: its id, its key or certificate, and whom it trusts.</summary>
internal sealed record Partner
{
    public required string Client { get; init; }
    public required string Issuer { get; init; }
    public required X509Certificate2Collection Trust { get; init; }
    public PartnerKey? Key { get; init; }
    public X509Certificate2? Certificate { get; init; }
    public X509Certificate2Collection Intermediates { get; init; } = [];
}

/// <summary>An answer over HTTP.</summary>
/// <param name="Status">Status.</param>
/// <param name="Body">JSON body; undefined when there is none.</param>
/// <param name="Date">The server's clock.</param>
/// <param name="RequestId">Id of a refusal.</param>
/// <param name="Nonce">Next DPoP nonce.</param>
internal sealed record Reply(HttpStatusCode Status, JsonElement Body, DateTimeOffset? Date, string? RequestId, string? Nonce)
{
    public bool IsOk => (int)Status is >= 200 and < 300;

    public string? Text(string member) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>A connection as the partner's program makes it: TLS 1.3, the given roots alone, its certificate if it has one.</summary>
internal sealed class PartnerConnection : IDisposable
{
    private const int MaxBody = 256 * 1024;
    private readonly HttpClient _http;

    internal PartnerConnection(Partner partner, string language)
    {
        var tls = new OutgoingTls
        {
            Trust = partner.Trust,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Client = partner.Certificate is null
                ? null
                : SslStreamCertificateContext.Create(partner.Certificate, partner.Intermediates, offline: true),
            // A partner's own network may stand between: the person at the keyboard named the address.
            ListedNetworks = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")],
        };
        _http = new HttpClient(tls.Handler()) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MaxBody };
        _http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    internal Task<Reply> Get(Uri address, params (string Name, string Value)[] headers) =>
        Send(new HttpRequestMessage(HttpMethod.Get, address), headers);

    internal async Task<Reply> Post(Uri address, Dictionary<string, string> form, params (string Name, string Value)[] headers)
    {
        using var body = new FormUrlEncodedContent(form);
        return await Send(new HttpRequestMessage(HttpMethod.Post, address) { Content = body }, headers);
    }

    /// <summary>Why a connection did not come about, as a code; the handshake's own alert is not told by the platform.</summary>
    internal static string Why(Exception exception) =>
        exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "net-name",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "net-server-certificate",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } inner
                when inner.InnerException is OperationCanceledException or TimeoutException => "net-timeout",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "net-refused",
            OperationCanceledException or TimeoutException => "net-timeout",
            _ => "net-reset", // the server cut a connection whose handshake the client had finished
        };

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<Reply> Send(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using (request)
        {
            using var response = await _http.SendAsync(request);
            var bytes = await response.Content.ReadAsByteArrayAsync();
            return new(
                response.StatusCode,
                Parse(bytes),
                response.Headers.Date,
                Header(response, "Request-Id"),
                Header(response, "DPoP-Nonce")
            );
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static JsonElement Parse(byte[] bytes)
    {
        try
        {
            return JsonElement.Parse(bytes);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
