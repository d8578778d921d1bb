using System.Net;
using Agreements;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The convention is the code: a changed file changes the next call, on a connection that is open.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LiveLawTest
{
    [Fact, Provokes("agreement-suspended")]
    public async Task A_suspension_bites_on_an_open_connection_and_its_lifting_heals()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var agreement = town
            .Law.Current.Agreements.Values.First(static one => one.Id.StartsWith("ANSS-MENPS-2026", StringComparison.Ordinal))
            .Id;
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
        var file = Path.Combine(town.Contracts.Folder, "suspensions.yaml");
        var before = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, before + $"  - {{ kind: agreement, id: {agreement}, by: anss, since: 2020-01-01 }}\n");
        await Until(async () => (await Question(town, token)).Code == "agreement-suspended");
        await File.WriteAllTextAsync(file, before);
        await Until(async () => (await Question(town, token)).Status == HttpStatusCode.OK);
    }

    [Fact, Provokes("client-suspended")]
    public async Task A_suspended_client_is_refused()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var file = Path.Combine(town.Contracts.Folder, "suspensions.yaml");
        await File.WriteAllTextAsync(
            file,
            await File.ReadAllTextAsync(file) + "  - { kind: client, id: anss-eligibility, by: anss, since: 2020-01-01 }\n"
        );
        await Until(async () => (await Question(town, token)).Code == "client-suspended");
    }

    [Fact]
    public async Task A_file_with_an_error_changes_nothing_and_is_reported()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var digest = town.Law.Current.Digest;
        var file = Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), "ANSS-MENPS-2026*").Single();
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file)).Replace("enrolment.since", "enrolment.marks", StringComparison.Ordinal)
        );
        await Until(() =>
            Task.FromResult(
                town.Law.LastErrors.Any(error => error.What.Contains("enrolment.marks", StringComparison.Ordinal) && error.Line > 0)
            )
        );
        Assert.Equal(digest, town.Law.Current.Digest);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
    }

    [Fact, Provokes("prior-authorization-missing")]
    public async Task Without_a_prior_authorization_the_grants_that_need_one_do_not_start()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var file = Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), "ANSS-MENPS-2026*").Single();
        await File.WriteAllTextAsync(file, Expired(await File.ReadAllTextAsync(file)));
        await Until(async () => (await Question(town, token)).Code == "prior-authorization-missing");

        static string Expired(string text)
        {
            // Valid for the day of the decision alone.
            var on =
                text.IndexOf("  on: ", text.IndexOf("priorAuthorization:", StringComparison.Ordinal), StringComparison.Ordinal)
                + "  on: ".Length;
            var until = text.IndexOf("  until: ", on, StringComparison.Ordinal) + "  until: ".Length;
            return string.Concat(text.AsSpan(0, until), text.AsSpan(on, 10), text.AsSpan(until + 10));
        }
    }

    [Fact, Provokes("outside-hours")]
    public async Task Outside_the_hours_of_the_grant_nothing_is_asked_and_the_next_opening_is_said()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var file = Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), "ANSS-MENPS-2026*").Single();
        var before = await File.ReadAllTextAsync(file);
        // One minute a week, the farthest from now: the day after tomorrow at noon.
        var day = CivilTime.Local(DateTimeOffset.UtcNow).AddDays(2).DayOfWeek.ToString().ToLowerInvariant();
        await File.WriteAllTextAsync(
            file,
            before.Replace(
                "    clause: art. 4\n",
                $"    clause: art. 4\n    hours: [ {{ days: [{day}], from: \"12:00\", to: \"12:01\" }} ]\n",
                StringComparison.Ordinal
            )
        );
        await Until(async () => (await Question(town, token)).Code == "outside-hours");
        var asked = town["menps"].Received.All.Length;
        var reply = await Question(town, token);
        await RefusalsTest.Refused(reply, HttpStatusCode.Forbidden, "outside-hours", "PER-13");
        var seconds = int.Parse(reply.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 24 * 3600, 3 * 24 * 3600);
        Assert.Equal(asked, town["menps"].Received.All.Length);
        await File.WriteAllTextAsync(file, before);
        await Until(async () => (await Question(town, token)).Status == HttpStatusCode.OK);
    }

    [Fact, Provokes("agreement-not-in-force")]
    public async Task An_agreement_before_its_first_day_is_not_in_force()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, KeepsVersions = false });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var file = Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), "ANSS-MENPS-2026*").Single();
        var text = await File.ReadAllTextAsync(file);
        var from = text.IndexOf("  from: ", StringComparison.Ordinal);
        var until = text.IndexOf("  until: ", StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            file,
            text[..from] + "  from: 2090-01-01\n" + "  until: 2091-01-01" + text[text.IndexOf('\n', until)..]
        );
        await Until(async () => (await Question(town, token)).Code == "agreement-not-in-force");
    }

    private static async Task<Reply> Question(Town town, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), System.Text.Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, town.ClientAs("anss-eligibility"));
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var attempt = 0; attempt < 150; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(100);
        }

        Assert.Fail("it did not come about in fifteen seconds");
    }
}
