using System.Net;
using System.Text;
using System.Text.Json;
using Ledger;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// A flood of one refusal does not fill the disk, and every single one is in the log: alone or counted (ledger page, section 3.3).
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class FloodTest : IDisposable
{
    private const int Flood = 400;
    private readonly string _state = Directory.CreateTempSubdirectory("town-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task Identical_refusals_beyond_the_first_share_a_record_whose_id_each_of_them_is_told_and_a_stop_seals_what_is_counted()
    {
        List<Reply> replies;
        string ledger,
            vkey;
        await using (var town = await StartAsync())
        {
            (ledger, vkey) = (town.LedgerFolder, town.File.Ledger.Vkey);
            var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
            replies = await Ask(town, token, Flood, static _ => Fixtures.PlainChild, ",\"surprise\":1");
            // The town stops in the middle of the last second: what is counted by then is sealed with it.
        }

        Assert.All(replies, static reply => Assert.Equal((HttpStatusCode.BadRequest, "request-invalid"), (reply.Status, reply.Code)));
        var alone = replies.Count(static reply => reply.Header(ReceiptHeader.Name) is not null);
        var told = replies
            .Where(static reply => reply.Header(ReceiptHeader.Name) is null)
            .GroupBy(Instance)
            .ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        Assert.True(told.Count > 0 && alone < Flood / 2, $"{alone} of {Flood} were sealed each");
        var records = Records(ledger, vkey, "request-invalid");
        Assert.Equal(alone + told.Count, records.Count);
        var counted = records.Where(static record => record.TryGetProperty("n", out _)).ToList();
        Assert.Equal(
            told,
            counted.ToDictionary(
                static record => record.GetProperty("id").GetString()!,
                static record => record.GetProperty("n").GetInt32(),
                StringComparer.Ordinal
            )
        );
        Assert.All(counted, static record =>
        {
            Assert.Equal(
                ("deny", "anss", "anss-eligibility", "education.school-enrolment.read", 400),
                (Text(record, "ev"), Text(record, "org"), Text(record, "cli"), Text(record, "op"), record.GetProperty("st").GetInt32())
            );
            Assert.True(string.CompareOrdinal(Text(record, "until"), Text(record, "ts")) <= 0);
            Assert.False(record.TryGetProperty("subj", out _));
        });
    }

    [Fact]
    public async Task Whom_somebody_tried_to_read_about_never_vanishes_in_a_count()
    {
        string ledger,
            vkey;
        await using (var town = await StartAsync())
        {
            (ledger, vkey) = (town.LedgerFolder, town.File.Ledger.Vkey);
            var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
            foreach (var reply in await Ask(town, token, 60, static number => Declare.Nobody(number % 3)))
                Assert.Equal("dossier-not-open", reply.Code);
        }

        var records = Records(ledger, vkey, "dossier-not-open");
        Assert.Equal(60, records.Sum(static record => record.TryGetProperty("n", out var number) ? number.GetInt32() : 1));
        Assert.All(records, static record => Assert.True(record.TryGetProperty("subj", out _)));
        Assert.Equal(3, records.Select(static record => Text(record, "subj")).Distinct().Count());
    }

    [Fact]
    public async Task A_question_that_an_institution_was_asked_has_its_own_record_however_often_it_fails()
    {
        await using var town = await StartAsync();
        town["menps"].Behaviors.Set(Sandbox.Institutions.Behaviors.BehaviorMode.Error);
        var replies = await Ask(
            town,
            await town.TokenFor("anss-payments", "ASD_BACK_TO_SCHOOL"),
            40,
            static _ => Fixtures.PlainChild,
            client: "anss-payments"
        );
        Assert.All(replies, static reply =>
        {
            Assert.True((int)reply.Status >= 500, reply.Text);
            Assert.NotNull(reply.Header(ReceiptHeader.Name));
        });
    }

    private static async Task<List<Reply>> Ask(
        Town town,
        string token,
        int number,
        Func<int, string> person,
        string more = "",
        string client = "anss-eligibility"
    )
    {
        var http = town.ClientAs(client);
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async caller =>
                {
                    var mine = new List<Reply>();
                    for (var i = caller; i < number; i += 8)
                    {
                        using var body = new StringContent(
                            Flow.Ask.Question(town, person(i))[..^1] + more + "}",
                            Encoding.UTF8,
                            "application/json"
                        );
                        mine.Add(await town.Send(Flow.Ask.Enrolments, body, token, http));
                    }

                    return mine;
                })
        );
        return [.. replies.SelectMany(static mine => mine)];
    }

    private static string Instance(Reply reply) => reply.Json.GetProperty("instance").GetString()!;

    private static List<JsonElement> Records(string ledger, string vkey, string code) =>
        [
            .. LogReader
                .Open(ledger, VerifierKey.Parse(vkey))
                .Entries()
                .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
                .Where(record => Text(record, "code") == code),
        ];

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var member) ? member.GetString() : null;

    // One of a kind is sealed alone in each second, so that the test does not hang on the speed of the machine.
    private Task<Town> StartAsync() =>
        Town.StartAsync(
            new TownOptions
            {
                State = _state,
                Pupils = 100,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = static gateway => gateway.RefusalsSealedEach = 1,
            }
        );
}
