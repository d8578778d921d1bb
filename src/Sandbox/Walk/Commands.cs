using System.Text;
using Sandbox.Deployment;
using Sandbox.Persons;

namespace Sandbox.Walk;

/// <summary>
/// Commands to copy into another terminal; they work as printed with curl and nothing else. The clients that they use prove
/// themselves by certificate, so no assertion has to be signed.
/// </summary>
public static class Commands
{
    /// <summary>The commands for a town.</summary>
    public static string Of(SandboxFile town)
    {
        var text = new StringBuilder();
        foreach (var right in Rights(town))
            Append(text, town, right);
        text.Append("# What a ministry received, and how to make it misbehave (then ask again; normal ends it)\n");
        var menps = town.Providers.First(p => p.Id == "menps").Url;
        text.Append($"curl -sk {menps}/control/received\n");
        text.Append($"curl -sk -X PUT {menps}/control/behavior -d '{{\"mode\":\"busy\",\"count\":1}}'\n");
        text.Append($"# Metrics\ncurl -s {town.Metrics}\n");
        return text.ToString();
    }

    /// <summary>The rights that plain curl can use, one for each exchange.</summary>
    private static IEnumerable<ClientEntry> Rights(SandboxFile town) =>
        town.Clients.Where(c => c.Auth == "tls_client_auth").DistinctBy(c => c.Scopes[0]);

    private static void Append(StringBuilder text, SandboxFile town, ClientEntry right)
    {
        var curl = $"curl -sS --cacert '{town.Ca}' --cert '{right.Certificate}' --key '{right.CertificateKey}'";
        var details = $$"""[{"type":"data_exchange","agreement":"{{right.Agreement}}","purpose":"{{right.Purpose}}"}]""";
        text.Append($"# {right.Scopes[0]} for {right.Purpose}\n");
        text.Append(
            $"TOKEN=$({curl} -d grant_type=client_credentials -d client_id={right.Id} --data-urlencode 'scope={right.Scopes[0]}' \\\n"
        );
        text.Append(
            $"  --data-urlencode 'authorization_details={details}' {town.TokenEndpoint} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n"
        );
        text.Append(
            $"{curl} -i -w '\\n' -H \"Authorization: Bearer $TOKEN\" -H 'Case-Reference: DESK-0001'{(right.Purpose == "INCLUSION_EMPLOYMENT" ? " -H 'Consent-Reference: CONSENT-0001'" : "")} \\\n"
        );
        text.Append($"  {Question(town, right.Scopes[0])}\n\n");
    }

    private static string Question(SandboxFile town, string operation) =>
        operation switch
        {
            "health.immunization-recommendation.read" =>
                $"--data-urlencode 'patient:identifier=urn:anss:id:health|{SectorToken.Of("health", Fixtures.Infant)}' {town.Gateway}/fhir/ImmunizationRecommendation/_search",
            "employment.job-seeker-status.read" => Json(Fixtures.JobSeeker, "", $"{town.Gateway}/employment/v1/job-seeker-status/query"),
            _ => Json(
                Fixtures.PlainChild,
                $",\"schoolYear\":\"{town.SchoolYear}\"",
                $"{town.Gateway}/education/v1/school-enrolments/query"
            ),
        };

    private static string Json(string idcs, string more, string address) =>
        $"-H 'Content-Type: application/json' -d '{{\"subject\":{{\"scheme\":\"idcs\",\"value\":\"{idcs}\"}}{more}}}' {address}";
}
