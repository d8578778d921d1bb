using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agreements;
using Agreements.Contracts;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Explanations;

/// <summary>
/// Whatever is asked, the dry run says what the exchange then does, up to the rules that look at the person: random systems, agreements,
/// purposes, operations, fields, headers, schemes and school years, each sent both ways.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DryRunPropertyTest(TownFixture fixture)
{
    private const int Cases = 400;
    private static readonly string[] PersonRules = ["PER-10", "PER-11", "PER-12"];
    private readonly Town _town = fixture.Town;

    private sealed record Case(
        string Client,
        string Agreement,
        string Purpose,
        Operation Operation,
        string[] Fields,
        string[] Headers,
        string? Scheme,
        string SchoolYear,
        bool AsksStatus
    );

    [Fact]
    public async Task A_dry_run_says_what_the_exchange_then_does()
    {
        var (passed, refused) = (0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        foreach (var some in Some().Sample(Cases))
        {
            var token = Token(some);
            var told = await DryRunTest.Explain(_town, Body(some), some.Client, token);
            Assert.Equal(HttpStatusCode.OK, told.Status);
            var real = await Call(some, token);
            var rule = real.Status == HttpStatusCode.OK ? "" : RuleOf(real);
            var stopped =
                rule.Length > 0
                && (rule[..3] is "WIR" or "AUT" or "AGR" or "PER" or "REQ")
                && !PersonRules.Contains(rule, StringComparer.Ordinal);
            var because =
                $"{JsonSerializer.Serialize(some with { Operation = null! })} {some.Operation.Id}\n  exchange {(int)real.Status} {real.Text}\n  dry run  {told.Text}";
            Assert.True(stopped != told.Json.GetProperty("wouldPass").GetBoolean(), because);
            var findings = told
                .Json.GetProperty("findings")
                .EnumerateArray()
                .Select(static one => one.GetProperty("code").GetString()!)
                .ToList();
            if (stopped)
                Assert.True(findings.Contains(real.Code!, StringComparer.Ordinal), because);
            else
                Assert.True(findings.Count == 0, because);
            if (stopped)
                refused[real.Code!] = refused.GetValueOrDefault(real.Code!) + 1;
            else
                passed++;
        }

        // Enough of either kind for the comparison to mean something.
        var summary = $"{passed} passed; {string.Join(", ", refused.Select(static one => $"{one.Key} {one.Value}"))}";
        TestContext.Current.SendDiagnosticMessage(summary);
        Assert.True(passed > Cases / 40 && refused.Count >= 6, summary);
    }

    private Gen<Case> Some()
    {
        var registry = _town.Law.Current;
        var clients = registry
            .Clients.Values.Where(one => !one.DPoP && _town.File.Clients.Any(entry => entry.Id == one.Id))
            .Select(static one => one.Id)
            .ToArray();
        var operations = registry.Operations.Values.Where(static one => one.BatchOf is null && !one.AnsweredByGateway).ToArray();
        var grants = registry
            .Agreements.Values.SelectMany(agreement =>
                agreement.Grants.SelectMany(grant =>
                    grant
                        .Operations.Where(granted => operations.Any(one => one.Id == granted.Id))
                        .Select(granted => (agreement, grant, granted))
                )
            )
            .ToArray();
        var likely =
            from match in Gen.Elements(grants)
            let own = clients
                .Where(id =>
                    registry.Clients[id].Institution == match.grant.Consumer
                    && (match.grant.Clients.IsEmpty || match.grant.Clients.Contains(id))
                )
                .DefaultIfEmpty(clients[0])
                .ToArray()
            from client in Gen.Elements(own)
            from fields in Gen.SubListOf(match.granted.Release.Take(8).Append("enrolment.marks").ToArray())
            select (client, match.agreement.Id, match.grant.Purpose, registry.Operations[match.granted.Id], fields.ToArray());
        var wild =
            from client in Gen.Elements(clients)
            from agreement in Gen.Elements(registry.Agreements.Keys.ToArray())
            from purpose in Gen.Elements(registry.Purposes.Keys.ToArray())
            from operation in Gen.Elements(operations)
            from fields in Gen.SubListOf(new[] { "enrolment.status", "enrolment.sector", "x" })
            select (client, agreement, purpose, operation, fields.ToArray());
        return from asked in Gen.Frequency((4, likely), (1, wild))
               from keepsFields in Gen.Frequency((1, Gen.Constant(true)), (2, Gen.Constant(false)))
               from headers in Gen.SubListOf(new[] { "Case-Reference", "Agent", "Consent-Reference" })
               from scheme in Gen.Frequency(
                   (5, Gen.Constant<string?>(null)),
                   (1, Gen.Elements<string?>("idcs", "sector-token", "household-id"))
               )
               from year in Gen.Frequency((6, Gen.Constant(_town.File.SchoolYear)), (1, Gen.Elements("1999-2000", "2026")))
               from status in Gen.Elements(true, false)
               select new Case(
                   asked.client,
                   asked.Item2,
                   asked.Item3,
                   asked.Item4,
                   keepsFields ? asked.Item5 : [],
                   [.. headers],
                   scheme,
                   year,
                   status
               );
    }

    private string Token(Case some) =>
        Forge.Token(_town, some.Client, Forge.Reference(_town, some.Agreement), some.Purpose, change: claims =>
        {
            claims["org"] = _town.Law.Current.Clients[some.Client].Institution;
            claims["scope"] = some.Operation.Id;
            claims["authorization_details"] = new[]
            {
                new
                {
                    type = "data_exchange",
                    agreement = Forge.Reference(_town, some.Agreement),
                    purpose = some.Purpose,
                    operations = new[] { some.Operation.Id },
                },
            };
        });

    private static Dictionary<string, object> Content(Case some)
    {
        var content = new Dictionary<string, object>(StringComparer.Ordinal);
        if (some.Operation.Protocol == OperationProtocol.Fhir)
        {
            if (some.AsksStatus)
                content["status"] = "completed";
        }
        else
        {
            foreach (var member in some.Operation.Request!.Members)
                if (member.Rule == "school-year")
                    content[member.Name] = some.SchoolYear;
        }

        return content;
    }

    private static Dictionary<string, object> Body(Case some)
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["agreement"] = some.Agreement,
            ["purpose"] = some.Purpose,
            ["operation"] = some.Operation.Id,
            ["headers"] = some.Headers,
            ["request"] = Content(some),
        };
        if (some.Fields.Length > 0)
            body["fields"] = some.Fields;
        if (some.Scheme is { } scheme)
            body["scheme"] = scheme;
        return body;
    }

    private async Task<Reply> Call(Case some, string token)
    {
        var registry = _town.Law.Current;
        var grant = registry.FindGrant(some.Agreement, registry.Clients[some.Client].Institution, some.Purpose, some.Operation.Id)?.Grant;
        var scheme = some.Scheme ?? grant?.SubjectSchemes[0] ?? "sector-token";
        var value = scheme switch
        {
            "idcs" => Fixtures.Completed,
            "household-id" => "1234567890",
            _ => SectorToken.Of(some.Operation.Sector, Fixtures.Completed),
        };
        return await _town.Send(
            some.Operation.Path,
            some.Operation.Protocol == OperationProtocol.Fhir ? Form(some, registry, scheme, value) : Json(some, scheme, value),
            token,
            _town.ClientAs(some.Client),
            request =>
            {
                foreach (var name in some.Headers)
                    request.Headers.Add(name, "CASE-0001");
            }
        );
    }

    private static StringContent Json(Case some, string scheme, string value)
    {
        var body = Content(some);
        body["subject"] = new { scheme, value };
        if (some.Fields.Length > 0)
            body["fields"] = some.Fields;
        return new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
    }

    private static FormUrlEncodedContent Form(Case some, Registry registry, string scheme, string value)
    {
        var person = registry.FhirTypes[some.Operation.FhirType!].Search[0];
        List<KeyValuePair<string, string>> pairs =
        [
            new($"{person}:identifier", $"urn:anss:id:{(scheme == "sector-token" ? some.Operation.Sector : scheme)}|{value}"),
        ];
        foreach (var (name, text) in Content(some))
            pairs.Add(new(name, (string)text));
        if (some.Fields.Length > 0)
            pairs.Add(new("_elements", string.Join(',', some.Fields)));
        return new FormUrlEncodedContent(pairs);
    }

    private static string RuleOf(Reply reply) =>
        reply.Json.TryGetProperty("rule", out var rule)
            ? rule.GetString()!
            : reply.Json.GetProperty("issue")[0].GetProperty("diagnostics").GetString()!.Split(' ')[1];
}
