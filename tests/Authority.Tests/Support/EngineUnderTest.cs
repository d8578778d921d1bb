using System.Text.Json.Nodes;

namespace Authority.Tests.Support;

/// <summary>
/// An engine that already runs somewhere, when the environment names one:
/// <c>AUTHORITY_UNDER_TEST</c> is its issuer, <c>AUTHORITY_FOLDER</c> what <c>suite-folder</c> wrote and it was started over.
/// With <c>AUTHORITY_REPORTING=true</c> it is a peer: what counts is that it refuses, not in which of our words.
/// </summary>
internal sealed class EngineUnderTest
{
    private EngineUnderTest(string issuer, string folder) => (Issuer, Folder) = (issuer, folder);

    public string Issuer { get; }
    public string Folder { get; }
    public string MutualTls { get; private set; } = "";

    /// <summary>Our paths → the engine's own, where they differ.</summary>
    public Dictionary<string, Uri> Public { get; } = new(StringComparer.Ordinal);

    /// <summary>The same on its mutual-TLS address.</summary>
    public Dictionary<string, Uri> Mutual { get; } = new(StringComparer.Ordinal);

    /// <summary>Another's engine: reported on, not judged.</summary>
    public static bool IsPeer => Environment.GetEnvironmentVariable("AUTHORITY_REPORTING") == "true";

    /// <summary>Null when the suite starts its own engine.</summary>
    public static EngineUnderTest? Named() =>
        Environment.GetEnvironmentVariable("AUTHORITY_UNDER_TEST") is { Length: > 0 } issuer
            ? new(
                issuer,
                Environment.GetEnvironmentVariable("AUTHORITY_FOLDER") ?? throw new InvalidOperationException("AUTHORITY_FOLDER is not set")
            )
            : null;

    /// <summary>Learns the addresses from the metadata, wherever the engine serves them.</summary>
    public async Task Discover(HttpClient http)
    {
        JsonNode? document = null;
        foreach (var path in new[] { "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration" })
        {
            using var response = await http.GetAsync(Issuer + path);
            if (!response.IsSuccessStatusCode)
                continue;
            document = JsonNode.Parse(await response.Content.ReadAsStringAsync());
            break;
        }
        if (document is null)
            throw new InvalidOperationException("the engine serves no metadata");
        var aliases = document["mtls_endpoint_aliases"];
        foreach (
            var (path, member) in new[]
            {
                ("/connect/token", "token_endpoint"),
                ("/connect/introspect", "introspection_endpoint"),
                ("/connect/revocation", "revocation_endpoint"),
                ("/.well-known/jwks.json", "jwks_uri"),
            }
        )
        {
            if ((string?)document[member] is not { } address)
                continue;
            Public[path] = new Uri(address);
            Mutual[path] = new Uri((string?)aliases?[member] ?? address);
        }
        MutualTls = Mutual["/connect/token"].GetLeftPart(UriPartial.Authority);
    }
}

/// <summary>Sends what the suite addresses by our paths to where the engine serves it.</summary>
internal sealed class EndpointMap(HttpMessageHandler inner, Dictionary<string, Uri> endpoints) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (endpoints.TryGetValue(request.RequestUri!.AbsolutePath, out var there))
            request.RequestUri = new Uri(there.GetLeftPart(UriPartial.Path) + request.RequestUri.Query);
        return base.SendAsync(request, cancellationToken);
    }
}
