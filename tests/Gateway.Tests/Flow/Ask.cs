using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sandbox;

namespace Gateway.Tests.Flow;

/// <summary>Questions as a partner's program puts them.</summary>
public static class Ask
{
    public const string Enrolments = "/education/v1/school-enrolments/query";
    public const string JobSeekers = "/employment/v1/job-seeker-status/query";
    public const string Immunizations = "/fhir/ImmunizationRecommendation/_search";

    /// <summary>Is this person enrolled? Asked by the agency's eligibility system unless stated otherwise.</summary>
    public static Task<Reply> Enrolment(
        this Town town,
        string idcs,
        string purpose = "ASD_SCHOOLING",
        string client = "anss-eligibility",
        string? language = "en"
    ) => town.Post(Enrolments, Question(town, idcs), client, purpose, request => request.Headers.AcceptLanguage.ParseAdd(language ?? "fr"));

    /// <summary>The usual body about a person.</summary>
    public static string Question(Town town, string idcs) =>
        JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = idcs }, schoolYear = town.File.SchoolYear });

    /// <summary>Posts JSON with a fresh token.</summary>
    public static async Task<Reply> Post(
        this Town town,
        string path,
        string body,
        string client = "anss-eligibility",
        string? purpose = null,
        Action<HttpRequestMessage>? with = null
    )
    {
        var token = await town.TokenFor(client, purpose);
        return await town.Send(path, new StringContent(body, Encoding.UTF8, "application/json"), token, town.ClientAs(client), with);
    }

    /// <summary>A FHIR search about a person, as the agency's inclusion system puts it.</summary>
    public static async Task<Reply> Immunization(this Town town, string idcs, Action<HttpRequestMessage>? with = null)
    {
        var token = await town.TokenFor("anss-inclusion", "INCLUSION_HEALTH", null, "health.immunization-recommendation.read");
        var form = new FormUrlEncodedContent([
            new("patient:identifier", $"urn:anss:id:health|{Sandbox.Persons.SectorToken.Of("health", idcs)}"),
        ]);
        return await town.Send(Immunizations, form, token, town.ClientAs("anss-inclusion"), request =>
        {
            request.Headers.Add("Case-Reference", "INC-2026-000771");
            with?.Invoke(request);
        });
    }

    /// <summary>Sends anything.</summary>
    public static async Task<Reply> Send(
        this Town town,
        string path,
        HttpContent? body,
        string? token,
        HttpClient client,
        Action<HttpRequestMessage>? with = null,
        HttpMethod? method = null
    )
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, new Uri(town.File.Gateway + path)) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        with?.Invoke(request);
        return await Reply.Of(town, await client.SendAsync(request));
    }
}
