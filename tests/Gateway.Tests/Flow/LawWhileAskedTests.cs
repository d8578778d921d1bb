using System.Globalization;
using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Batches;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The law changes while a source has the question. What comes back leaves under the law of both moments, or not at all.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LawWhileAskedTests : IAsyncLifetime
{
    private const string Agreement = "ANSS-MENPS-2026-01";
    private Town _town = null!;

    private Agreements.Agreement Law => _town.Law.Current.Agreements[Agreement];

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                // A new version takes a moment to be signed.
                ConfigureGateway = static gateway => gateway.SourceTimeout = TimeSpan.FromSeconds(8),
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Theory]
    [InlineData(StoppedKind.Institution, "dfp")]
    [InlineData(StoppedKind.Agreement, "ANSS-DFP-2026-01")]
    public async Task What_a_source_says_that_was_stopped_meanwhile_is_not_released(StoppedKind kind, string id)
    {
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        _town["dfp"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4), count: 2);
        _town["dfp"].Received.Clear();
        var single = _town.Enrolment(Fixtures.Apprentice);
        await batch.Submit(Fixtures.Apprentice);
        await Soon.Holds(() => Task.FromResult(_town["dfp"].Received.All.Length == 2), "both are asked");
        await Say(kind, id, stopped: true);
        var answer = await single;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "provider-unavailable"), (answer.Status, answer.Code));
        Assert.DoesNotContain("ENROLLED", answer.Text, StringComparison.Ordinal);
        await batch.Completed();
        await Say(kind, id, stopped: false);
        var line = Assert.Single(await batch.Results());
        Assert.Equal(("unavailable", "provider-unavailable"), (BatchCall.Text(line, "outcome"), BatchCall.Text(line, "code")));
        // Who was asked stands in both records.
        Assert.Contains("dfp", (await answer.Record()).GetProperty("prov").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("dfp", (await batch.Records(1))[0].GetProperty("prov").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_further_source_is_not_asked_for_a_batch_that_was_stopped_while_the_first_one_had_the_question()
    {
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        _town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4), count: 1);
        _town["menps"].Received.Clear();
        _town["dfp"].Received.Clear();
        await batch.Submit(Fixtures.Apprentice);
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.All.Length == 1), "the first one is asked");
        await Say(StoppedKind.Client, "anss-batch", stopped: true);
        await batch.Records(1);
        await Say(StoppedKind.Client, "anss-batch", stopped: false);
        await batch.Completed();
        Assert.Equal("client-suspended", BatchCall.Text(Assert.Single(await batch.Results()), "code"));
        Assert.Empty(_town["dfp"].Received.All);
    }

    [Fact]
    public Task A_further_source_is_not_asked_for_a_call_whose_agreement_was_stopped_while_the_first_one_had_the_question() =>
        Slowly(
            () => Say(StoppedKind.Agreement, Agreement, stopped: true),
            static answer => Assert.Equal((HttpStatusCode.Forbidden, "agreement-suspended"), (answer.Status, answer.Code))
        );

    [Fact]
    public async Task A_further_source_is_not_asked_when_its_own_agreement_went_in_a_file_meanwhile()
    {
        var file = Path.Combine(_town.Contracts.Folder, "suspensions.yaml");
        var text = await File.ReadAllTextAsync(file) + "  - { kind: agreement, id: ANSS-DFP-2026-01, by: anss, since: 2020-01-01 }\n";
        await Slowly(
            async () =>
            {
                var digest = _town.Law.Current.Digest;
                await File.WriteAllTextAsync(file, text);
                await Soon.Holds(() => Task.FromResult(_town.Law.Current.Digest != digest), "it is law");
            },
            static answer => Assert.Equal((HttpStatusCode.OK, "UNAVAILABLE"), (answer.Status, answer.MatchStatus))
        );
    }

    // Something happens while the first of two sources has the question; the second one must not get it.
    private async Task Slowly(Func<Task> happens, Action<Reply> check)
    {
        _town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4), count: 1);
        _town["menps"].Received.Clear();
        _town["dfp"].Received.Clear();
        var single = _town.Enrolment(Fixtures.Apprentice);
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.All.Length == 1), "the first one is asked");
        await happens();
        check(await single);
        Assert.Empty(_town["dfp"].Received.All);
    }

    [Fact]
    public async Task A_newer_version_with_fewer_fields_narrows_a_line_that_is_being_asked()
    {
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        var file = Directory.GetFiles(Path.Combine(_town.Contracts.Folder, "agreements"), Agreement + "*").Single();
        var before = await File.ReadAllTextAsync(file);
        var grant = before.IndexOf("purpose: ASD_SCHOOLING", StringComparison.Ordinal);
        var released = before.IndexOf("release: [", grant, StringComparison.Ordinal);
        var fewer = before[..released] + "release: [enrolment.status]" + before[(before.IndexOf(']', released) + 1)..];
        Assert.NotEqual(before, fewer);
        var number = Law.Version;
        _town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(6), count: 1);
        _town["menps"].Received.Clear();
        await batch.Submit(Fixtures.PlainChild);
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.All.Length == 1), "it is asked");
        await File.WriteAllTextAsync(file, Numbered(fewer, number + 1));
        await Soon.Holds(() => Task.FromResult(Law.Signed && Law.Version > number), "it is law");
        var record = (await batch.Records(1))[0];
        Assert.Equal(["enrolment.status"], record.GetProperty("fld").EnumerateArray().Select(static path => path.GetString()));
        await batch.Completed();
        var line = Assert.Single(await batch.Results());
        Assert.Equal(["status"], line.GetProperty("enrolment").EnumerateObject().Select(static member => member.Name));
    }

    [Fact]
    public async Task The_agreement_of_a_further_source_that_got_narrower_while_it_was_asked_narrows_what_it_said_alone_and_in_a_batch()
    {
        const string Leg = "ANSS-DFP-2026-01";
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        var file = Directory.GetFiles(Path.Combine(_town.Contracts.Folder, "agreements"), Leg + "*").Single();
        var before = await File.ReadAllTextAsync(file);
        const string Released = "release: [enrolment.status, enrolment.schoolYear, enrolment.since]";
        var fewer = before
            .Replace(Released, "release: [enrolment.status]", StringComparison.Ordinal)
            .Replace("\nversion: 1\n", "\nversion: 2\nreplaces: 1\n", StringComparison.Ordinal);
        Assert.True((await _town.Enrolment(Fixtures.Apprentice)).Json.GetProperty("enrolment").TryGetProperty("schoolYear", out _));
        _town["dfp"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(6), count: 2);
        _town["dfp"].Received.Clear();
        await batch.Submit(Fixtures.Apprentice);
        var single = _town.Enrolment(Fixtures.Apprentice);
        await Soon.Holds(() => Task.FromResult(_town["dfp"].Received.All.Length == 2), "both are asked");
        await File.WriteAllTextAsync(file, fewer);
        await Soon.Holds(() => Task.FromResult(_town.Law.Current.Agreements[Leg] is { Signed: true, Version: 2 }), "it is law");
        var answer = await single;
        Assert.Equal(["status"], answer.Json.GetProperty("enrolment").EnumerateObject().Select(static member => member.Name));
        var fields = (await answer.Record()).GetProperty("fld").EnumerateArray();
        Assert.Equal(["enrolment.status"], fields.Select(static path => path.GetString()));
        await batch.Completed();
        var line = Assert.Single(await batch.Results());
        Assert.Equal(["status"], line.GetProperty("enrolment").EnumerateObject().Select(static member => member.Name));
    }

    private async Task Say(StoppedKind kind, string id, bool stopped)
    {
        var said = StatusTest.StatusOf(_town);
        if (stopped)
            await said.Suspend(kind, id, "test");
        else
            await said.Lift(kind, id);
        var status = _town.GatewayHost.Services.GetRequiredService<ITokenStatus>();
        await Soon.Holds(() => Task.FromResult(status.Current.IsSuspended(kind, id) == stopped), "the gateway knows");
    }

    private static string Numbered(string text, int version) =>
        string.Join(
            '\n',
            text.Split('\n')
                .Select(line =>
                    line.StartsWith("version: ", StringComparison.Ordinal) ? "version: " + Text(version)
                    : line.StartsWith("replaces: ", StringComparison.Ordinal) ? "replaces: " + Text(version - 1)
                    : line
                )
        );

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
