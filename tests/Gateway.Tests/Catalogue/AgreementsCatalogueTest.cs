using System.Net;
using System.Text.Json;
using Agreements;
using Agreements.Texts;
using Gateway.Tests.Flow;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>A partner reads its own conventions: as data, and as the page that its manager reads.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class AgreementsCatalogueTest(TownFixture fixture)
{
    private const string List = "/catalogue/v1/agreements",
        Convention = "ANSS-MENPS-2026-01";
    private readonly Town _town = fixture.Town;

    [Fact]
    public async Task The_list_holds_every_agreement_in_force_with_its_rights_its_quotas_and_what_changed()
    {
        var reply = await Get(List, language: "en");
        var law = _town.Law.Current;
        var told = reply
            .Json.GetProperty("agreements")
            .EnumerateArray()
            .ToDictionary(static one => one.GetProperty("id").GetString()!, StringComparer.Ordinal);
        var inForce = law.Agreements.Values.Where(one => AgreementStatus.Of(law, one, Today()) == AgreementState.InForce).ToList();
        Assert.Equal(inForce.Select(static one => one.Id).Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(
            "ANSS-CNSS",
            string.Join(
                ' ',
                reply.Json.GetProperty("notInForce").EnumerateArray().Select(static one => one.GetProperty("reference").GetString())
            ),
            StringComparison.Ordinal
        );
        foreach (var agreement in inForce)
        {
            var one = told[agreement.Id];
            Assert.Equal(
                (agreement.Version, agreement.Digest, "in-force"),
                (
                    one.GetProperty("version").GetInt32(),
                    one.GetProperty("sha256").GetString(),
                    one.GetProperty("standing").GetProperty("state").GetString()
                )
            );
            foreach (var (grant, shown) in agreement.Grants.Zip(one.GetProperty("grants").EnumerateArray()))
            {
                Assert.Equal(grant.Purpose, shown.GetProperty("purpose").GetString());
                foreach (var (operation, line) in grant.Operations.Zip(shown.GetProperty("operations").EnumerateArray()))
                    Assert.Equal(operation.Release, line.GetProperty("fields").EnumerateArray().Select(static field => field.GetString()!));
                Assert.All(grant.Quotas.Stated(), quota =>
                    Assert.Equal(quota.Limit, shown.GetProperty("quotas").GetProperty(quota.Name).GetProperty("limit").GetInt64())
                );
                if (grant.Quotas.PerDay is not null)
                    Assert.True(shown.GetProperty("quotas").GetProperty("perDay").TryGetProperty("used", out _));
            }
        }

        var changed = told[Convention].GetProperty("change");
        Assert.Equal(
            AgreementDiff
                .Of(law.Former[Convention], law.Agreements[Convention])
                .Select(one => DifferenceWords.Of(one, "en", law))
                .Order(StringComparer.Ordinal),
            changed
                .GetProperty("differences")
                .EnumerateArray()
                .Select(static one => one.GetProperty("words").GetString()!)
                .Order(StringComparer.Ordinal)
        );
        var code = new LawNames(law, "en").Field("education.school-enrolment.read", "enrolment.schoolCode");
        Assert.Contains(changed.GetProperty("differences").EnumerateArray(), one =>
            one.GetProperty("words").GetString()!.Contains($"added: {code}", StringComparison.Ordinal)
        );
        Assert.Equal("catalogue.agreement.list", (await reply.Record()).GetProperty("op").GetString());
        Assert.Equal(HttpStatusCode.NotModified, (await Get(List, language: "en", known: reply.Header("ETag"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Get(List, language: "ar", known: reply.Header("ETag"))).Status);
    }

    [Theory]
    [InlineData("fr", "ltr", "Situation scolaire")]
    [InlineData("ar", "rtl", "الوضعية الدراسية")]
    [InlineData("en", "ltr", "School status")]
    public async Task The_page_of_a_convention_is_the_same_as_the_tools_and_may_run_nothing(string language, string direction, string field)
    {
        var agreement = _town.Law.Current.Agreements[Convention];
        var reply = await Get(List + "/" + agreement.Reference, "text/html", language);
        Assert.Equal(
            (HttpStatusCode.OK, language, "text/html; charset=utf-8"),
            (reply.Status, reply.Header("Content-Language"), reply.Header("Content-Type"))
        );
        Assert.Equal(ConventionPage.Write(_town.Law.Current, agreement, Today(), language), reply.Text);
        Assert.Contains($"<html lang=\"{language}\" dir=\"{direction}\">", reply.Text, StringComparison.Ordinal);
        Assert.Contains(field, reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", reply.Text, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("Accept,Accept-Language", reply.Header("Vary")?.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("catalogue.agreement.read", (await reply.Record()).GetProperty("op").GetString());
        Assert.Equal(
            HttpStatusCode.NotModified,
            (await Get(List + "/" + agreement.Reference, "text/html", language, reply.Header("ETag"))).Status
        );
    }

    [Fact]
    public async Task Programs_get_data_unless_they_ask_for_the_page_and_nothing_else_is_offered()
    {
        var path = List + "/" + _town.Law.Current.Agreements[Convention].Reference;
        Assert.Equal(JsonValueKind.Object, (await Get(path)).Json.ValueKind);
        Assert.Equal("application/json", (await Get(path, "text/html;q=0.2, application/json")).Header("Content-Type"));
        Assert.StartsWith(
            "text/html",
            (await Get(path, "text/html, application/xhtml+xml, */*;q=0.8")).Header("Content-Type"),
            StringComparison.Ordinal
        );
        var refused = await Get(path, "text/csv", "ar");
        Assert.Equal(
            (HttpStatusCode.NotAcceptable, "not-acceptable", "ar"),
            (refused.Status, refused.Code, refused.Header("Content-Language"))
        );
    }

    [Theory]
    [InlineData("ANSS-NOBODY-2026-01@1")]
    [InlineData(Convention + "@1")]
    public async Task What_is_not_the_callers_or_not_this_version_is_not_found(string reference)
    {
        var reply = await Get($"{List}/{reference}", language: "en");
        Assert.Equal((HttpStatusCode.NotFound, "resource-unknown"), (reply.Status, reply.Code));
        Assert.Equal("catalogue.agreement.read", (await reply.Record()).GetProperty("op").GetString());
    }

    private async Task<Reply> Get(string path, string? accept = null, string? language = null, string? known = null) =>
        await _town.Send(
            path,
            body: null,
            await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"),
            _town.ClientAs("anss-eligibility"),
            request =>
            {
                if (accept is not null)
                    request.Headers.TryAddWithoutValidation("Accept", accept);
                if (language is not null)
                    request.Headers.AcceptLanguage.ParseAdd(language);
                if (known is not null)
                    request.Headers.TryAddWithoutValidation("If-None-Match", known);
            },
            HttpMethod.Get
        );

    private static DateOnly Today() => CivilTime.Today(TimeProvider.System);
}
