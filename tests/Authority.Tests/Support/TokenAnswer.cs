using System.Net;
using System.Text.Json.Nodes;

namespace Authority.Tests.Support;

/// <summary>An answer of an OAuth endpoint.</summary>
internal sealed record TokenAnswer(HttpStatusCode Status, JsonNode Body, HttpResponseMessage Response)
{
    public string? Error => (string?)Body["error"];
    public string Description => (string?)Body["error_description"] ?? "";
    public string Token =>
        (string?)Body["access_token"] ?? throw new InvalidOperationException($"no token: {Status} {Body.ToJsonString()}");

    public string RequestId => Assert.Single(Response.Headers.GetValues("Request-Id"));

    public static async Task<TokenAnswer> Post(HttpClient http, string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        return await Send(http, new HttpRequestMessage(HttpMethod.Post, path) { Content = content });
    }

    public static async Task<TokenAnswer> Send(HttpClient http, HttpRequestMessage request)
    {
        request.Version = http.DefaultRequestVersion;
        var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return new(response.StatusCode, body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!, response);
    }

    /// <summary>Asserts that a stranger is told nothing but that it failed.</summary>
    public void RefusedAsStranger()
    {
        var told = Refused(HttpStatusCode.Unauthorized, "invalid_client").Description;
        if (!EngineUnderTest.IsPeer)
            Assert.Equal("client authentication failed", told);
    }

    /// <summary>Asserts an OAuth error with everything that every error has (OA-14).</summary>
    public TokenAnswer Refused(HttpStatusCode status, string error)
    {
        if (EngineUnderTest.IsPeer)
        {
            Assert.InRange((int)Status, 400, 499);
            Assert.Null(Body["access_token"]);
            return this;
        }
        Assert.Equal((status, error), (Status, Error));
        Assert.Equal("application/json", Response.Content.Headers.ContentType?.MediaType);
        Assert.True(Response.Headers.CacheControl?.NoStore);
        Assert.All(Description, static c => Assert.InRange(c, ' ', '~'));
        Assert.DoesNotContain('"', Description);
        Assert.Null(Body["access_token"]);
        return this;
    }
}
