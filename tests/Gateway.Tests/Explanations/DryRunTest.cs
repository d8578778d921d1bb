using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Authorization.Dossiers;
using Gateway.Explanations;
using Gateway.Quotas;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Explanations;

/// <summary>What a call would come to, without making it.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DryRunTest(TownFixture fixture)
{
    private const string Client = "anss-eligibility",
        Purpose = "ASD_SCHOOLING",
        Operation = "education.school-enrolment.read",
        Agreement = "ANSS-MENPS-2026-01";
    private readonly Town _town = fixture.Town;

    internal static async Task<Reply> Explain(
        Town town,
        object body,
        string client = Client,
        string? token = null,
        string? purpose = Purpose
    )
    {
        using var content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await town.Send(
            ExplanationEndpoint.Path,
            content,
            token ?? await town.TokenFor(client, purpose),
            town.ClientAs(client),
            static request => request.Headers.AcceptLanguage.ParseAdd("en")
        );
    }

    [Fact]
    public async Task A_call_that_would_pass_is_said_to_pass_and_nobody_is_asked()
    {
        var asked = _town["menps"].Received.All.Length;
        var reply = await Explain(
            _town,
            new
            {
                agreement = Agreement,
                purpose = Purpose,
                operation = Operation,
                fields = new[] { "enrolment.status" },
                headers = new[] { "Case-Reference" },
                request = new { schoolYear = _town.File.SchoolYear },
            }
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.True(reply.Json.GetProperty("wouldPass").GetBoolean(), reply.Text);
        Assert.Equal(0, reply.Json.GetProperty("findings").GetArrayLength());
        Assert.Equal(["person", "quotas"], reply.Json.GetProperty("notJudged").EnumerateArray().Select(static one => one.GetString()));
        Assert.Equal(_town.Law.Current.Digest, reply.Json.GetProperty("policy").GetString());
        Assert.Equal(asked, _town["menps"].Received.All.Length);
        var record = await reply.Record();
        Assert.Equal(
            ("access", "catalogue.explanation.read", "CATALOGUE", Client),
            (
                record.GetProperty("ev").GetString(),
                record.GetProperty("op").GetString(),
                record.GetProperty("purp").GetString(),
                record.GetProperty("cli").GetString()
            )
        );
        Assert.False(record.TryGetProperty("subj", out _));
    }

    [Fact]
    public async Task All_findings_are_told_at_once_in_three_languages_with_clause_and_who_can_mend_them()
    {
        var reply = await Explain(
            _town,
            new
            {
                agreement = Agreement,
                purpose = Purpose,
                operation = Operation,
                fields = new[] { "enrolment.status", "enrolment.sector" },
                headers = new[] { "Consent-Reference" },
                scheme = "household-id",
                request = new { schoolYear = "1999-2000" },
            }
        );
        Assert.False(reply.Json.GetProperty("wouldPass").GetBoolean());
        var findings = reply.Json.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal(["header-invalid", "request-invalid"], findings.Select(static one => one.GetProperty("code").GetString()));
        Assert.Equal(
            ["/subject/scheme identifier-scheme-not-allowed", "/schoolYear school-year-out-of-range", "/fields/1 field-not-allowed"],
            findings[1]
                .GetProperty("errors")
                .EnumerateArray()
                .Select(static error => $"{error.GetProperty("pointer")} {error.GetProperty("code")}")
        );
        var fields = (
            await Explain(
                _town,
                new
                {
                    agreement = Agreement,
                    purpose = Purpose,
                    operation = Operation,
                    fields = new[] { "enrolment.status", "enrolment.sector" },
                }
            )
        ).Json.GetProperty("findings")[0];
        Assert.Equal(
            ("field-not-allowed", "PER-04", "agreement-officer"),
            (fields.GetProperty("code").GetString(), fields.GetProperty("rule").GetString(), fields.GetProperty("fixableBy").GetString())
        );
        Assert.StartsWith(Forge.Reference(_town, Agreement) + " art.", fields.GetProperty("clause").GetString(), StringComparison.Ordinal);
        Assert.Equal(["enrolment.sector"], fields.GetProperty("missing").EnumerateArray().Select(static one => one.GetString()));
        Assert.Equal(["fr", "ar", "en"], fields.GetProperty("texts").EnumerateObject().Select(static one => one.Name));
        foreach (var text in fields.GetProperty("texts").EnumerateObject())
            foreach (var part in (string[])["title", "detail", "remedy"])
                Assert.NotEmpty(text.Value.GetProperty(part).GetString()!);
        Assert.Contains(
            Agreement,
            fields.GetProperty("texts").GetProperty("ar").GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_is_nobodys_and_what_is_somebody_elses_read_alike()
    {
        var foreign = _town.Law.Current.Agreements.Values.First(static one => one.Grants.All(static grant => grant.Consumer != "menps")).Id;
        var token = Forge.Token(_town, Client);
        var (unknown, other) = (
            await Explain(_town, Run("ANSS-NOBODY-2026-01"), token: token),
            await Explain(_town, Run("MENPS-SOMEBODY-2026-01"), token: token)
        );
        Assert.Equal(unknown.Text, other.Text);
        Assert.Equal("agreement-unknown", unknown.Json.GetProperty("findings")[0].GetProperty("code").GetString());

        var noContract = await Explain(
            _town,
            new
            {
                agreement = foreign,
                purpose = Purpose,
                operation = "education.marks.read",
            }
        );
        Assert.Equal("route-unknown", noContract.Json.GetProperty("findings")[0].GetProperty("code").GetString());

        object Run(string agreement) =>
            new
            {
                agreement,
                purpose = Purpose,
                operation = Operation,
            };
    }

    [Fact]
    public async Task The_answer_is_the_same_whether_or_not_a_person_has_a_dossier_for_no_person_can_be_named()
    {
        var run = new
        {
            agreement = Agreement,
            purpose = Purpose,
            operation = Operation,
            scheme = "idcs",
            request = new { schoolYear = _town.File.SchoolYear },
        };
        var before = await Explain(_town, run);
        var person = Declare.Nobody(771);
        Assert.Equal(
            HttpStatusCode.OK,
            (await _town.Dossier(Declare.Open(person, Agreements.CivilTime.Today(TimeProvider.System)))).Status
        );
        Assert.Equal(before.Text, (await Explain(_town, run)).Text);
        foreach (
            var body in (string[])
                [
                    Named("\"subject\":{\"scheme\":\"idcs\",\"value\":\"" + person + "\"}"),
                    Named("\"request\":{\"subject\":{\"scheme\":\"idcs\",\"value\":\"" + person + "\"}}"),
                    Named("\"request\":{\"patient:identifier\":\"urn:anss:id:idcs|" + person + "\"}"),
                ]
        )
        {
            var refused = await Explain(_town, body);
            Assert.Equal("request-invalid", refused.Code);
            Assert.DoesNotContain(person, refused.Text, StringComparison.Ordinal);
        }

        static string Named(string member) =>
            $"{{\"agreement\":\"{Agreement}\",\"purpose\":\"{Purpose}\",\"operation\":\"{Operation}\",{member}}}";
    }

    [Fact]
    public async Task A_batch_without_its_key_would_be_refused_and_with_it_pass()
    {
        var without = await Explain(
            _town,
            new
            {
                agreement = Agreement,
                purpose = Purpose,
                operation = "education.school-enrolment.batch",
            }
        );
        Assert.Equal("idempotency-key-required", without.Json.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.True((
                await Explain(
                    _town,
                    new
                    {
                        agreement = Agreement,
                        purpose = Purpose,
                        operation = "education.school-enrolment.batch",
                        headers = new[] { "Idempotency-Key" },
                    }
                )
            ).Json.GetProperty("wouldPass").GetBoolean());
    }

    [Fact]
    public void A_rehearsal_reaches_neither_dossiers_nor_quotas_nor_providers()
    {
        var reached = new HashSet<Type>();
        Reach(
            typeof(DryRunSteps)
                .GetConstructors()
                .Single()
                .GetParameters()
                .Where(static one => one.ParameterType != typeof(Exchange))
                .Select(static one => one.ParameterType),
            reached
        );
        Assert.DoesNotContain(typeof(DossierRegister), reached);
        Assert.DoesNotContain(typeof(IQuotaBook), reached);
        Assert.DoesNotContain(typeof(SourceCalls), reached);

        static void Reach(IEnumerable<Type> types, HashSet<Type> reached)
        {
            foreach (var type in types)
                if (type.Namespace?.StartsWith("Gateway", StringComparison.Ordinal) == true && reached.Add(type))
                    foreach (var constructor in type.GetConstructors())
                        Reach(constructor.GetParameters().Select(static one => one.ParameterType), reached);
        }
    }

    [Fact, Provokes("request-invalid")]
    public async Task A_body_that_is_neither_of_the_two_forms_is_refused_with_pointers()
    {
        foreach (
            var (body, error) in new (string, string)[]
            {
                ("""{}""", "/agreement missing-member"),
                ("""{"exchangeId":"x"}""", "/exchangeId invalid-format"),
                ("""[]""", " wrong-type"),
                ("""{"exchangeId":"01M4Z9XGAGE6D6T3ESNJKBM53X","agreement":"a"}""", "/agreement unknown-member"),
                ("""{"agreement":1,"purpose":"P","operation":"o"}""", "/agreement wrong-type"),
                ("""{"agreement":"A","purpose":"P","operation":"o","fields":"enrolment"}""", "/fields wrong-type"),
                ("""{"agreement":"A","purpose":"P","operation":"o","headers":["Cookie"]}""", "/headers/0 unknown-header"),
                ("""{"agreement":"A","agreement":"B","purpose":"P","operation":"o"}""", " not-json"),
                ("""nonsense""", " not-json"),
            }
        )
        {
            var reply = await Explain(_town, body);
            Assert.Equal((HttpStatusCode.BadRequest, "request-invalid"), (reply.Status, reply.Code));
            Assert.Contains(
                error,
                reply
                    .Json.GetProperty("errors")
                    .EnumerateArray()
                    .Select(static one => $"{one.GetProperty("pointer").GetString()} {one.GetProperty("code").GetString()}")
            );
        }

        Assert.Equal(
            "method-not-allowed",
            (await _town.Send(ExplanationEndpoint.Path, body: null, token: null, _town.ClientAs(Client), method: HttpMethod.Get)).Code
        );
        using var anonymous = new StringContent("{}", Encoding.UTF8, "application/json");
        Assert.Equal("token-missing", (await _town.Send(ExplanationEndpoint.Path, anonymous, token: null, _town.ClientAs(Client))).Code);
    }

    [Fact]
    public async Task A_token_whose_agreement_is_suspended_still_learns_why_and_a_dry_run_costs_no_quota()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsQuotas = true });
        var token = await town.TokenFor(Client, Purpose);
        var left = await Remaining(town);
        object run = new
        {
            agreement = Agreement,
            purpose = Purpose,
            operation = Operation,
        };
        for (var i = 0; i < 5; i++)
            Assert.True((await Explain(town, run, token: token)).Json.GetProperty("wouldPass").GetBoolean());
        Assert.Equal(left - 1, await Remaining(town));
        var status = StatusTest.StatusOf(town);
        await status.Suspend(StoppedKind.Agreement, Agreement, "drill");
        Reply reply = null!;
        await Soon.Holds(
            async () => !(reply = await Explain(town, run, token: token)).Json.GetProperty("wouldPass").GetBoolean(),
            "the dry run is told of the suspension"
        );
        Assert.Equal("agreement-suspended", reply.Json.GetProperty("findings")[0].GetProperty("code").GetString());
        // What else would refuse is told with it, whatever the exchange would say first.
        var all = await Explain(
            town,
            new
            {
                agreement = Agreement + "@2",
                purpose = "FILE_ASSISTANCE",
                operation = Operation,
            },
            token: token
        );
        Assert.Equal(
            ["token-outdated", "agreement-suspended", "operation-not-covered", "case-reference-required"],
            all.Json.GetProperty("findings").EnumerateArray().Select(static one => one.GetProperty("code").GetString()).Take(4)
        );
    }

    private static async Task<long> Remaining(Town town) =>
        long.Parse(
            (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining")!,
            System.Globalization.CultureInfo.InvariantCulture
        );
}
