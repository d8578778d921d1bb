using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sandbox.Walk;

/// <summary>An answer of the gateway with the request that it answers, as a careful partner keeps them.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Request">Bytes sent.</param>
/// <param name="Body">Bytes received.</param>
/// <param name="Receipt">Header <c>Audit-Receipt</c>; empty when there was none.</param>
public sealed record Reply(int Status, byte[] Request, byte[] Body, string Receipt)
{
    /// <summary>Body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Body as JSON; undefined when it is none.</summary>
    public JsonElement Json
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize<JsonElement>(Body);
            }
            catch (JsonException)
            {
                return default;
            }
        }
    }

    /// <summary>A string of the answer by dotted path; null when it is not there.</summary>
    public string? At(string path)
    {
        var element = Json;
        foreach (var name in path.Split('.'))
        {
            if (int.TryParse(name, out var index))
            {
                if (element.ValueKind != JsonValueKind.Array || index >= element.GetArrayLength())
                    return null;
                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element.ValueKind == JsonValueKind.String ? element.GetString()
            : element.ValueKind == JsonValueKind.Undefined ? null
            : element.GetRawText();
    }

    /// <summary>Asks.</summary>
    /// <param name="http">Client with the partner's certificate.</param>
    /// <param name="address">Address.</param>
    /// <param name="token">Access token.</param>
    /// <param name="body">Body.</param>
    /// <param name="type">Media type of the body.</param>
    /// <param name="headers">More headers.</param>
    public static async Task<Reply> Ask(
        HttpClient http,
        string address,
        string token,
        string body,
        string type,
        params (string Name, string Value)[] headers
    )
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Accept-Language", "en");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await http.SendAsync(request);
        var receipt = response.Headers.TryGetValues("Audit-Receipt", out var values) ? string.Join(", ", values) : "";
        return new Reply((int)response.StatusCode, bytes, await response.Content.ReadAsByteArrayAsync(), receipt);
    }
}
