using Microsoft.Net.Http.Headers;

namespace Gateway.Requests;

/// <summary>
/// <c>_format</c> of FHIR R4 (http.html, section 3.1.0.1.11): <c>json</c>, <c>application/json</c> and <c>application/fhir+json</c>
/// all mean the one form that there is here.
/// </summary>
internal static class FhirFormat
{
    /// <summary>Does the value ask for JSON? A plus sign that was not escaped arrives as a blank.</summary>
    public static bool IsJson(string? value) =>
        value == "json"
        || (
            MediaTypeHeaderValue.TryParse(value?.Replace(' ', '+'), out var type)
            && (
                type.MediaType.Equals("application/fhir+json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            )
        );
}
