using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Flow;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>
/// What was stopped at once stops here: on the next request, on connections that are open and for tokens that are cached.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StatusTest
{
    private const string Client = "anss-eligibility",
        Purpose = "ASD_SCHOOLING";

    [Theory, Provokes("client-suspended", "agreement-suspended", "token-not-accepted")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task OA_61_A_stop_bites_on_an_open_connection_and_its_lifting_heals(string version)
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var open = new OpenConnection(town, Version.Parse(version), Client);
        var token = await town.TokenFor(Client, Purpose);
        var status = StatusOf(town);
        var agreement = town
            .Law.Current.Agreements.Values.First(static one => one.Id.StartsWith("ANSS-MENPS-2026", StringComparison.Ordinal))
            .Id;
        foreach (
            var (kind, id, code) in new[]
            {
                (StoppedKind.Client, Client, "client-suspended"),
                (StoppedKind.Institution, "anss", "client-suspended"),
                (StoppedKind.Agreement, agreement, "agreement-suspended"),
                (StoppedKind.Issuer, town.File.Issuer, "token-not-accepted"),
            }
        )
        {
            Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
            await status.Suspend(kind, id, "test");
            await Soon.Holds(async () => (await Question(town, open, token)).Code == code, $"{kind} is refused");
            Assert.Equal(
                HttpStatusCode.OK,
                (await Question(town, open, token, path: "/.well-known/oauth-protected-resource", HttpMethod.Get)).Status
            );
            await status.Lift(kind, id);
            await Soon.Holds(async () => (await Question(town, open, token)).Status == HttpStatusCode.OK, $"{kind} is served again");
        }

        await status.DenyKey(Said(token, 0).GetProperty("kid").GetString()!, TimeProvider.System.GetUtcNow().AddMinutes(10));
        await Soon.Holds(async () => (await Question(town, open, token)).Code == "token-not-accepted", "the key is refused");
        Assert.Equal(1, open.Opened);
    }

    [Theory, Provokes("token-not-accepted")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task OA_61_A_token_that_its_owner_revoked_is_refused_on_an_open_connection(string version)
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var open = new OpenConnection(town, Version.Parse(version), Client);
        var (revoked, other) = (await town.TokenFor(Client, Purpose), await town.TokenFor(Client, Purpose));
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, revoked)).Status);
        using var partner = new Partner(town.File, town.File.Clients.First(static one => one is { Id: Client, Purpose: Purpose }));
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["token"] = revoked,
                ["client_id"] = Client,
                ["client_assertion"] = partner.Assertion(),
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            }
        );
        using var answer = await partner.Http.PostAsync(
            new Uri(town.File.TokenEndpoint.Replace("/connect/token", "/connect/revocation", StringComparison.Ordinal)),
            form
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Soon.Holds(async () => (await Question(town, open, revoked)).Code == "token-not-accepted", "the revoked token is refused");
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, other)).Status);
        Assert.Equal(1, open.Opened);
    }

    [Fact, Provokes("client-suspended")]
    public async Task OA_61_The_refusal_of_a_suspended_client_is_sealed_with_its_name()
    {
        await using var town = await Town.StartAsync(
            new TownOptions { Pupils = 100, ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100) }
        );
        using var open = new OpenConnection(town, HttpVersion.Version11, Client);
        var token = await town.TokenFor(Client, Purpose);
        await StatusOf(town).Suspend(StoppedKind.Client, Client, "test");
        Reply reply = null!;
        await Soon.Holds(async () => (reply = await Question(town, open, token)).Code == "client-suspended", "the client is refused");
        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Null(reply.Header("WWW-Authenticate"));
        Assert.Equal(Client, (await reply.Record()).GetProperty("cli").GetString());
    }

    [Fact, Provokes("overloaded")]
    public async Task When_nobody_can_tell_for_a_minute_what_was_stopped_calls_wait()
    {
        var clock = new ShiftedClock();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, Clock = clock });
        using var open = new OpenConnection(town, HttpVersion.Version20, Client);
        var token = await town.TokenFor(Client, Purpose);
        Break(town, "ALTER TABLE revoked RENAME TO away");
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        Reply reply = null!;
        await Soon.Holds(async () => (reply = await Question(town, open, token)).Code == "overloaded", "calls wait");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("WIR-07", reply.Json.GetProperty("rule").GetString());
        Assert.NotNull(reply.Header("Retry-After"));
        // Nor is anybody recognized by a certificate alone, or given a token.
        Assert.Equal(
            "overloaded",
            (await Question(town, open, token, "/audit/" + town.Ledger.Key.Name.Split('/', 3)[2] + "/checkpoint", HttpMethod.Get)).Code
        );
        Assert.Contains(
            "overloaded WIR-07",
            (await Assert.ThrowsAsync<TokenRefused>(() => town.TokenFor(Client, Purpose))).Message,
            StringComparison.Ordinal
        );
        using var plain = new HttpClient();
        var operations = town.File.Metrics.Replace("/metrics", "", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await plain.GetAsync(new Uri(operations + "/health/ready"))).StatusCode);
        // The process may host other towns, whose lists are well.
        var ages = (await plain.GetStringAsync(new Uri(operations + "/metrics")))
            .Split('\n')
            .Where(static line => line.StartsWith("gateway_status_age ", StringComparison.Ordinal));
        Assert.Contains(ages, static line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) > 60);
        Break(town, "ALTER TABLE away RENAME TO revoked");
        await Soon.Holds(async () => (await Question(town, open, token)).Status == HttpStatusCode.OK, "calls are served again");
        Assert.Equal(1, open.Opened);
    }

    internal static ITokenStatus StatusOf(Town town) => town.AuthorityHost.Services.GetRequiredService<ITokenStatus>();

    private static async Task<Reply> Question(
        Town town,
        OpenConnection open,
        string token,
        string path = Ask.Enrolments,
        HttpMethod? method = null
    )
    {
        using var body =
            method == HttpMethod.Get ? null : new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(path, body, token, open.Http, open.InVersion, method);
    }

    private static JsonElement Said(string token, int part) =>
        JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[part]));

    private static void Break(Town town, string with)
    {
        using var connection = new SqliteConnection($"Data Source={town.State.At("status.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own constants
        command.CommandText = with;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
