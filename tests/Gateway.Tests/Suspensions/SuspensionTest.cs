using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Ledger.Notes;
using Ledger.Tiles;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Suspensions;

/// <summary>A party stops an agreement over its own signature.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class SuspensionTest
{
    private const string Agreement = "ANSS-MENPS-2026-01",
        Client = "anss-eligibility",
        Purpose = "ASD_SCHOOLING",
        Ministry = "menps-school-support";

    [Theory, Provokes("agreement-suspended")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_provider_stops_its_agreement_on_open_connections_at_gateway_and_authority_and_lifts_it_again(string version)
    {
        await using var town = await Start();
        using var open = new OpenConnection(town, Version.Parse(version), Client);
        var token = await town.TokenFor(Client, Purpose);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
        var told = await Say(town, Statement.By(town, "menps"));
        Assert.Equal(HttpStatusCode.OK, told.Status);
        Assert.True(told.Json.GetProperty("suspended").GetBoolean());
        Assert.Equal(["menps"], told.Json.GetProperty("suspendedBy").EnumerateArray().Select(static one => one.GetString()));
        // On the node that answered it holds before it answered: the next call is refused, not a later one.
        Assert.Equal("agreement-suspended", (await Question(town, open, token)).Code);
        await Soon.Holds(async () => await IsRefusedToken(town), "the authority issues no token");
        Assert.Equal(HttpStatusCode.OK, (await Say(town, Statement.By(town, "menps", "lift", seconds: 1))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
        await Soon.Holds(async () => !await IsRefusedToken(town), "the authority issues tokens again");
        Assert.Equal(1, open.Opened);
    }

    [Fact]
    public async Task The_stop_is_sealed_with_who_what_why_and_the_digest_of_the_statement_before_it_holds()
    {
        await using var town = await Start();
        var statement = Statement.By(town, "menps");
        var told = await Say(town, statement);
        var record = await told.Record();
        Assert.Equal(
            ("catalogue.suspension.create", "menps", Ministry, "suspend"),
            (
                record.GetProperty("op").GetString(),
                record.GetProperty("org").GetString(),
                record.GetProperty("cli").GetString(),
                record.GetProperty("act").GetString()
            )
        );
        var log = LogReader.Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey));
        var stop = JsonSerializer.Deserialize<JsonElement>(log.Entry(told.Receipt().Index + 1).Text.Span);
        Assert.Equal(
            ("suspend", "agreement", Agreement, "suspend", "menps", "drill"),
            (
                stop.GetProperty("ev").GetString(),
                stop.GetProperty("kind").GetString(),
                stop.GetProperty("what").GetString(),
                stop.GetProperty("act").GetString(),
                stop.GetProperty("by").GetString(),
                stop.GetProperty("det").GetString()
            )
        );
        Assert.Equal(
            Convert
                .ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(statement)))
                .TrimEnd('=')
                .Replace('+', '-')
                .Replace('/', '_'),
            stop.GetProperty("dig").GetString()
        );
        var kept = town.GatewayHost.Services.GetRequiredService<ITokenStatus>().Current.SaidBy(Agreement, "menps");
        Assert.Equal(statement, kept!.Statement);
    }

    [Fact]
    public async Task Each_lifts_its_own_and_nothing_else()
    {
        await using var town = await Start();
        var token = await town.TokenFor(Client, Purpose);
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Agreement, Agreement, "drill");
        await Say(town, Statement.By(town, "menps"));
        Assert.Equal(
            ["anss", "menps", "operators"],
            (await Say(town, Statement.By(town, "anss"), Client))
                .Json.GetProperty("suspendedBy")
                .EnumerateArray()
                .Select(static one => one.GetString())
        );
        Assert.Equal(
            ["anss", "operators"],
            (await Say(town, Statement.By(town, "menps", "lift", seconds: 1)))
                .Json.GetProperty("suspendedBy")
                .EnumerateArray()
                .Select(static one => one.GetString())
        );
        await StatusTest.StatusOf(town).Lift(StoppedKind.Agreement, Agreement);
        await Soon.Holds(
            () => Task.FromResult(!GatewayStatus(town).Current.IsSuspendedByOperators(StoppedKind.Agreement, Agreement)),
            "the operators have lifted theirs"
        );
        Assert.Equal("agreement-suspended", (await Question(town, token)).Code);
        Assert.False((await Say(town, Statement.By(town, "anss", "lift", seconds: 1), Client)).Json.GetProperty("suspended").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
    }

    [Fact, Provokes("state-conflict")]
    public async Task A_statement_is_taken_once_an_older_one_never_undoes_a_newer_and_the_same_again_changes_nothing()
    {
        await using var town = await Start();
        var later = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 5;
        var (first, second) = (Statement.By(town, "menps"), Statement.By(town, "menps", "lift", change: claims => claims["iat"] = later));
        var told = await Say(town, first);
        var again = await Say(town, first);
        Assert.Equal(told.Text, again.Text);
        // One record for each call, none for a stop that was one already.
        await again.Record();
        var log = LogReader.Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey));
        Assert.Single(log.Entries(), static entry =>
            entry.Text.Span.IndexOf("\"ev\":\"suspend\",\"id\""u8) >= 0 && entry.Text.Span.IndexOf("\"by\":\"menps\""u8) >= 0
        );
        Assert.Equal(HttpStatusCode.OK, (await Say(town, second)).Status);
        foreach (var late in new[] { first, Statement.By(town, "menps", change: claims => claims["iat"] = later) })
        {
            var refused = await Say(town, late);
            Assert.Equal((HttpStatusCode.Conflict, "state-conflict"), (refused.Status, refused.Code));
        }

        Assert.False(GatewayStatus(town).Current.IsSuspended(StoppedKind.Agreement, Agreement));
    }

    [Fact]
    public async Task A_suspension_with_an_end_stands_in_the_store_of_all_programs_and_ends_by_itself()
    {
        var clock = new ShiftedClock();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Clock = clock,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        await Say(
            town,
            Statement.By(town, "menps", change: claims =>
                claims["until"] = TimeProvider.System.GetUtcNow().AddMinutes(2).ToUnixTimeSeconds()
            )
        );
        using (var other = StatusStore.Open(new Tokens.Stores.StoreSettings { File = town.State.At("status.db") }, TimeProvider.System))
            Assert.True(other.Current.IsSuspended(StoppedKind.Agreement, Agreement));
        clock.Advance(TimeSpan.FromMinutes(2.5));
        await Soon.Holds(
            () => Task.FromResult(!GatewayStatus(town).Current.IsSuspended(StoppedKind.Agreement, Agreement)),
            "the suspension is over"
        );
    }

    [Fact]
    public async Task A_stop_that_is_over_is_told_no_more()
    {
        var clock = new ShiftedClock();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Clock = clock,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        await Say(town, Statement.By(town, "anss", change: static claims => claims["until"] = (long)claims["iat"] + 25), Client);
        Assert.Equal(["anss", "menps"], By(await Say(town, Statement.By(town, "menps"))));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(By(await Say(town, Statement.By(town, "menps", "lift", seconds: 28))));

        static IEnumerable<string> By(Reply reply) =>
            reply.Json.GetProperty("suspendedBy").EnumerateArray().Select(static one => one.GetString()!);
    }

    [Fact]
    public async Task The_catalogue_tells_of_a_stop_as_the_exchange_does()
    {
        await using var town = await Start();
        var token = await town.TokenFor(Client, "ASD_ELIGIBILITY");
        Assert.Contains(Agreement, Told((await List()).GetProperty("agreements"), "id"));
        Assert.Equal(HttpStatusCode.OK, (await Say(town, Statement.By(town, "menps"))).Status);
        var told = await List();
        Assert.DoesNotContain(Agreement, Told(told.GetProperty("agreements"), "id"));
        var stopped = told.GetProperty("notInForce")
            .EnumerateArray()
            .Single(static one => one.GetProperty("reference").GetString()!.StartsWith(Agreement, StringComparison.Ordinal))
            .GetProperty("standing");
        Assert.Equal(("suspended", "menps"), (stopped.GetProperty("state").GetString(), stopped.GetProperty("by").GetString()));
        var one = (await Get($"/{Forge.Reference(town, Agreement)}")).Json.GetProperty("standing");
        Assert.Equal("suspended", one.GetProperty("state").GetString());

        async Task<JsonElement> List() => (await Get("")).Json;
        Task<Reply> Get(string path) =>
            town.Send("/catalogue/v1/agreements" + path, body: null, token, town.ClientAs(Client), method: HttpMethod.Get);
        static IEnumerable<string> Told(JsonElement list, string name) =>
            list.EnumerateArray().Select(one => one.GetProperty(name).GetString()!);
    }

    [Fact]
    public async Task A_system_that_was_stopped_says_nothing_for_its_institution()
    {
        await using var town = await Start();
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Client, Ministry, "drill");
        await Soon.Holds(() => Task.FromResult(GatewayStatus(town).Current.IsSuspended(StoppedKind.Client, Ministry)), "the gateway knows");
        Assert.Equal("client-suspended", (await Say(town, Statement.By(town, "menps"))).Code);
        Assert.False(GatewayStatus(town).Current.IsSuspended(StoppedKind.Agreement, Agreement));
    }

    [Fact]
    public async Task A_source_is_not_asked_under_an_agreement_that_a_party_stopped()
    {
        await using var town = await Start();
        Assert.Equal("MATCHED", (await town.Enrolment(Fixtures.Apprentice)).MatchStatus);
        var asked = town["dfp"].Received.All.Length;
        Assert.True(asked > 0);
        var statement = Statement.By(town, "anss", change: static claims => claims["agr"] = "ANSS-DFP-2026-01");
        Assert.Equal(HttpStatusCode.OK, (await Say(town, statement, Client, "ANSS-DFP-2026-01")).Status);
        var reply = await town.Enrolment(Fixtures.Apprentice);
        Assert.NotEqual("MATCHED", reply.MatchStatus);
        Assert.Equal(asked, town["dfp"].Received.All.Length);
    }

    [Theory]
    [InlineData("menps", Fixtures.PlainChild)]
    [InlineData("dfp", Fixtures.Apprentice)]
    public async Task A_source_whose_institution_was_stopped_at_once_is_not_asked_until_that_is_lifted(string institution, string person)
    {
        await using var town = await Start();
        Assert.Equal("MATCHED", (await town.Enrolment(person)).MatchStatus);
        var asked = town[institution].Received.All.Length;
        Assert.True(asked > 0);
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Institution, institution, "test");
        await Soon.Holds(
            () => Task.FromResult(GatewayStatus(town).Current.IsSuspended(StoppedKind.Institution, institution)),
            "the gateway knows"
        );
        Assert.NotEqual("MATCHED", (await town.Enrolment(person)).MatchStatus);
        Assert.Equal(asked, town[institution].Received.All.Length);
        await StatusTest.StatusOf(town).Lift(StoppedKind.Institution, institution);
        await Soon.Holds(
            () => Task.FromResult(!GatewayStatus(town).Current.IsSuspended(StoppedKind.Institution, institution)),
            "the gateway knows that it is over"
        );
        Assert.Equal("MATCHED", (await town.Enrolment(person)).MatchStatus);
        Assert.True(town[institution].Received.All.Length > asked);
    }

    [Fact, Provokes("request-invalid", "resource-unknown")]
    public async Task What_is_not_a_partys_own_word_about_its_own_agreement_is_refused()
    {
        await using var town = await Start();
        foreach (
            var (statement, error) in new[]
            {
                (Statement.By(town, "menps", key: "anapec-sign-2026"), " signature-not-accepted"),
                (Statement.By(town, "menps", type: "JWT"), " not-a-statement"),
                ("a.b.c", " not-a-statement"),
                ("", " not-a-statement"),
                (Statement.By(town, "menps", key: Ministry), " signature-not-accepted"),
                (Changed(Statement.By(town, "menps")), " signature-not-accepted"),
                (Statement.By(town, "menps", change: static claims => claims["iss"] = "anss"), "/iss not-the-callers"),
                (
                    Statement.By(town, "menps", change: static claims => claims["aud"] = "https://elsewhere.example"),
                    "/aud not-this-gateway"
                ),
                (Statement.By(town, "menps", change: static claims => claims["agr"] = "ANSS-DFP-2026-01"), "/agr not-of-this-path"),
                (Statement.By(town, "menps", act: "end"), "/act invalid-format"),
                (Statement.By(town, "menps", change: static claims => claims["reason"] = "Mr Somebody"), "/reason invalid-format"),
                (Statement.By(town, "menps", change: static claims => claims.Remove("jti")), "/jti invalid-format"),
                (Statement.By(town, "menps", change: static claims => claims["person"] = "x"), "/person unknown-member"),
                (Statement.By(town, "menps", seconds: 600), "/iat invalid-format"),
                (Statement.By(town, "menps", seconds: -90_000), "/exp expired"),
                (Statement.By(town, "menps", change: static claims => claims["exp"] = (long)claims["iat"] + 90_000), "/exp invalid-format"),
                (Statement.By(town, "menps", change: static claims => claims["until"] = (long)claims["iat"] - 1), "/until invalid-format"),
                (
                    Statement.By(town, "menps", act: "lift", change: static claims => claims["until"] = (long)claims["iat"] + 3600),
                    "/until invalid-format"
                ),
                (
                    Statement.By(town, "menps", change: static claims => claims["until"] = (long)claims["iat"] + 6 * 366 * 86_400L),
                    "/until invalid-format"
                ),
                (Statement.By(town, "menps", change: static claims => claims["exp"] = (long)claims["iat"] - 10), "/exp invalid-format"),
            }
        )
        {
            var refused = await Say(town, statement);
            Assert.Equal((HttpStatusCode.BadRequest, "request-invalid"), (refused.Status, refused.Code));
            Assert.Contains(
                error,
                refused
                    .Json.GetProperty("errors")
                    .EnumerateArray()
                    .Select(static one => $"{one.GetProperty("pointer").GetString()} {one.GetProperty("code").GetString()}")
            );
        }

        // Not a party, no such agreement: alike. No certificate: nobody.
        var (foreign, unknown) = (
            await Say(town, Statement.By(town, "menps"), agreement: "ANSS-ANAPEC-2026-01"),
            await Say(town, Statement.By(town, "menps"), agreement: "ANSS-NOBODY-2026-01")
        );
        Assert.Equal((HttpStatusCode.NotFound, "resource-unknown", "resource-unknown"), (foreign.Status, foreign.Code, unknown.Code));
        Assert.Equal(
            "media-type-unsupported",
            (
                await town.Send(
                    PathOf(Agreement),
                    new StringContent("{}", Encoding.UTF8, "application/json"),
                    token: null,
                    town.ClientAs(Client)
                )
            ).Code
        );
        Assert.False(GatewayStatus(town).Current.IsSuspended(StoppedKind.Agreement, Agreement));
        Assert.Empty(GatewayStatus(town).Current.SaidAbout(Agreement));
    }

    [Fact]
    public async Task A_batch_under_way_stops_at_its_next_chunk_and_its_manifest_says_why_in_three_languages()
    {
        await using var town = await SlowBatch.TownAsync();
        var batch = await SlowBatch.SubmitAsync(town, TimeSpan.FromMilliseconds(500));
        await Soon.Holds(() => Task.FromResult(town["menps"].Received.All.Length > 0), "the first chunk is asked");
        Assert.Equal(HttpStatusCode.OK, (await Say(town, Statement.By(town, "menps"))).Status);
        // One chunk may be under way, none begins.
        var asked = town["menps"].Received.All.Length;
        Assert.Equal("agreement-suspended", (await batch.Get()).Code);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.InRange(town["menps"].Received.All.Length, asked, asked + 1);
        Assert.Equal(HttpStatusCode.OK, (await Say(town, Statement.By(town, "menps", "lift", seconds: 1))).Status);
        Reply manifest = null!;
        await Soon.Holds(
            async () => (manifest = await batch.Get()).Json.GetProperty("state").GetString() == "COMPLETED",
            "the batch is done"
        );
        var stopped = manifest.Json.GetProperty("stopped");
        Assert.Equal(
            ("agreement-suspended", "AGR-04", Forge.Reference(town, Agreement)),
            (stopped.GetProperty("code").GetString(), stopped.GetProperty("rule").GetString(), stopped.GetProperty("clause").GetString())
        );
        Assert.Equal(["fr", "ar", "en"], stopped.GetProperty("texts").EnumerateObject().Select(static one => one.Name));
        foreach (var text in stopped.GetProperty("texts").EnumerateObject())
            Assert.Contains(Agreement, text.Value.GetString(), StringComparison.Ordinal);
        Assert.InRange(stopped.GetProperty("lines").GetInt32(), 1, SlowBatch.Lines);
        Assert.Equal(
            SlowBatch.Lines - stopped.GetProperty("lines").GetInt32(),
            manifest.Json.GetProperty("counts").GetProperty("answered").GetInt32()
        );
    }

    private static Task<Town> Start() =>
        Town.StartAsync(
            new TownOptions { Pupils = 100, ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100) }
        );

    private static string PathOf(string agreement) => $"/catalogue/v1/agreements/{agreement}/suspensions";

    internal static async Task<Reply> Say(Town town, string statement, string client = Ministry, string agreement = Agreement)
    {
        var files = town.Pki.Client(client);
        using var certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        using var http = town.ClientWith(certificate);
        using var body = new StringContent(statement, Encoding.ASCII, new MediaTypeHeaderValue("application/jose"));
        return await town.Send(PathOf(agreement), body, token: null, http, static request => request.Headers.AcceptLanguage.ParseAdd("en"));
    }

    private static ITokenStatus GatewayStatus(Town town) => town.GatewayHost.Services.GetRequiredService<ITokenStatus>();

    private static string Changed(string statement) =>
        statement.Split('.') is [var head, var payload, var signature]
            ? $"{head}.{payload}.{(signature[0] == 'A' ? 'B' : 'A')}{signature[1..]}"
            : throw new InvalidOperationException();

    private static async Task<bool> IsRefusedToken(Town town)
    {
        try
        {
            using var partner = new Partner(town.File, town.File.Clients.First(static one => one is { Id: Client, Purpose: Purpose }));
            await partner.Token();
            return false;
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("agreement-suspended AGR-04", StringComparison.Ordinal))
        {
            return true;
        }
    }

    private static async Task<Reply> Question(Town town, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, town.ClientAs(Client));
    }

    private static async Task<Reply> Question(Town town, OpenConnection open, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, open.Http, open.InVersion);
    }
}
