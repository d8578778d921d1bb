using System.Net;
using System.Text.Json;
using Gateway.Forwarding;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>
/// A connection to an institution that rests between two questions: it may be closed at the wrong moment, and may hold what nobody asked
/// for.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class KeptConnectionsTests : IAsyncLifetime
{
    private const string Another = "Exchange-Id: 01M4ZDBB2GDE3B4WZZ6KYE37BB\r\n";
    private Town _town = null!;
    private RawInstitution _anapec = null!;

    public async ValueTask InitializeAsync() => (_town, _anapec) = await RawInstitution.StartAsync("anapec");

    public async ValueTask DisposeAsync()
    {
        await _anapec.DisposeAsync();
        await _town.EndAsync();
    }

    [Theory]
    [InlineData("end")]
    [InlineData("reset")]
    [InlineData("408")]
    public async Task A_question_that_meets_a_closing_connection_goes_out_once_more_over_a_new_one(string closing)
    {
        _anapec.Behaves = async call =>
        {
            if (call.Ordinal == 1)
                return await RawInstitution.Answers(call);
            if (closing == "reset")
                call.Reset();
            if (closing == "408")
                await call.SendAsync("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            return false;
        };
        var replies = new List<Reply>();
        for (var i = 0; i < 12; i++)
            replies.Add(await Ask());
        Assert.All(replies, static reply => Assert.Equal(("MATCHED", HttpStatusCode.OK), (reply.MatchStatus, reply.Status)));
        Assert.Equal("Closed", Circuit);
        Assert.Contains(_anapec.Calls, static call => call.Ordinal == 2);
        Assert.Equal(_anapec.Calls.Count, _anapec.Calls.Select(static call => call.AssertionId).Distinct(StringComparer.Ordinal).Count());
        var exchanges = _anapec.Calls.GroupBy(static call => call.ExchangeId, StringComparer.Ordinal);
        Assert.All(exchanges, static sent => Assert.InRange(sent.Count(), 1, 2));
        Assert.DoesNotContain(_anapec.Calls, static call => call.AssertionId == call.ExchangeId);
        // The record tells that it was asked twice, of one that was asked twice and of no other.
        Assert.Equal(Sendings(replies[1]), (await replies[1].Record()).GetProperty("prov")[0].GetProperty("tries").GetInt32());
        Assert.False((await replies[0].Record()).GetProperty("prov")[0].TryGetProperty("tries", out _));
    }

    [Fact]
    public async Task The_new_connection_is_new_even_where_several_old_ones_rest()
    {
        var together = new TaskCompletionSource();
        _anapec.Behaves = async call =>
        {
            if (_anapec.Calls.Count == 4)
                together.SetResult();
            await together.Task;
            return await RawInstitution.Answers(call);
        };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Ask()));
        Assert.Equal(4, _anapec.Calls.Select(static call => call.Connection).Distinct().Count());
        _anapec.Behaves = static call => call.Ordinal == 1 ? RawInstitution.Answers(call) : Task.FromResult(false);
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal([2, 1], _anapec.Calls.Skip(4).Select(static call => call.Ordinal));
    }

    [Fact]
    public async Task A_new_connection_that_is_closed_without_an_answer_is_a_failure_and_nothing_is_asked_twice()
    {
        _anapec.Behaves = static _ => Task.FromResult(false);
        for (var i = 0; i < 10; i++)
            Assert.Equal("provider-unavailable", (await Ask()).Code);
        Assert.Equal(10, _anapec.Calls.Count);
        Assert.Equal("Open", Circuit);
    }

    [Fact]
    public async Task A_question_of_whose_answer_a_byte_came_is_not_asked_again()
    {
        _anapec.Behaves = static async call =>
        {
            if (call.Ordinal == 1)
                return await RawInstitution.Answers(call);
            await call.SendAsync("HTTP/1.1 2");
            return false;
        };
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal("provider-unavailable", (await Ask()).Code);
        Assert.Equal(2, _anapec.Calls.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_nobody_asked_for_answers_nobody(bool atOnce)
    {
        _anapec.Behaves = async call =>
        {
            var extra = call.Whole(call.Answer.Replace("REGISTERED", "NOT_REGISTERED", StringComparison.Ordinal));
            if (atOnce)
                await call.SendAsync(call.Whole(call.Answer) + extra);
            else
            {
                await call.AnswerAsync();
                await call.SendAsync(extra);
            }

            return true;
        };
        var first = await Ask();
        await Task.Delay(100);
        var second = await Ask();
        Assert.Equal(first.Text, second.Text);
        Assert.Equal([1, 1], _anapec.Calls.Select(static call => call.Ordinal));
    }

    [Theory]
    [InlineData("person", "provider-wrong-subject")]
    [InlineData("contract", "provider-invalid-answer")]
    [InlineData("another", "provider-wrong-subject")]
    [InlineData("ours and another", "provider-wrong-subject")]
    [InlineData("another and ours", "provider-wrong-subject")]
    [InlineData("joined", "provider-wrong-subject")]
    [InlineData("twice", "provider-wrong-subject")]
    [InlineData("empty", "provider-wrong-subject")]
    [InlineData("lower case", "provider-wrong-subject")]
    public async Task An_answer_to_something_else_ends_its_connection(string fault, string code)
    {
        _anapec.Behaves = async call =>
        {
            var (asked, other) = (SectorToken.Of("employment", Fixtures.JobSeeker), SectorToken.Of("employment", Fixtures.PregnantWoman));
            var body =
                fault == "person" ? call.Answer.Replace(asked, other, StringComparison.Ordinal)
                : fault == "contract" ? "[]"
                : null;
            await call.AnswerAsync(body, named: Named(fault, $"Exchange-Id: {call.ExchangeId}\r\n"));
            return true;
        };
        Assert.Equal(code, (await Ask()).Code);
        _anapec.Behaves = RawInstitution.Answers;
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal([(1, 1), (2, 1), (2, 2)], _anapec.Calls.Select(static call => (call.Connection, call.Ordinal)));
    }

    private static string? Named(string fault, string ours) =>
        fault switch
        {
            "another" => Another,
            "ours and another" => ours + Another,
            "another and ours" => Another + ours,
            "joined" => ours.Replace("\r\n", ", 01M4ZDBB2GDE3B4WZZ6KYE37BB\r\n", StringComparison.Ordinal),
            "twice" => ours + ours,
            "empty" => "Exchange-Id:\r\n",
            "lower case" => ours.ToLowerInvariant(),
            _ => null,
        };

    // The person and the question are the same, so that nothing but the name tells a second answer to the first from the answer to the
    // second.
    [Fact]
    public async Task An_institution_that_names_no_exchange_is_asked_over_a_new_connection_each_time()
    {
        _anapec.Behaves = static async call =>
        {
            await call.AnswerAsync(named: "");
            // Late, so that it would be there for whatever is asked next.
            _ = Task.Delay(50).ContinueWith(_ => call.SendAsync(call.Whole(Refused(call), named: "")), TaskScheduler.Default);
            return true;
        };
        for (var i = 0; i < 3; i++)
            Assert.Contains("\"REGISTERED\"", (await Ask()).Text, StringComparison.Ordinal);
        Assert.Equal([(1, 1), (2, 1), (3, 1)], _anapec.Calls.Select(static call => (call.Connection, call.Ordinal)));
    }

    [Theory]
    [InlineData("the first exchange")]
    [InlineData("no exchange")]
    public async Task A_second_answer_to_one_question_is_no_answer_to_the_next(string names)
    {
        var first = new TaskCompletionSource<string>();
        _anapec.Behaves = async call =>
        {
            first.TrySetResult(call.ExchangeId);
            if (call.Ordinal == 1)
                await call.AnswerAsync();
            else
                await call.AnswerAsync(Refused(call), named: names == "no exchange" ? "" : $"Exchange-Id: {await first.Task}\r\n");
            return true;
        };
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal("provider-wrong-subject", (await Ask()).Code);
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal([(1, 1), (1, 2), (2, 1)], _anapec.Calls.Select(static call => (call.Connection, call.Ordinal)));
    }

    // A proxy that answers for the institution knows no exchange. Nothing that it says is about a person.
    [Fact]
    public async Task A_refusal_that_names_no_exchange_is_believed_and_ends_the_connection()
    {
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        _anapec.Behaves = static async call =>
        {
            await call.AnswerAsync("busy", "503 Service Unavailable", named: "");
            return true;
        };
        Assert.Equal("provider-busy", (await Ask()).Code);
        _anapec.Behaves = RawInstitution.Answers;
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal([(1, 1), (1, 2), (2, 1)], _anapec.Calls.Select(static call => (call.Connection, call.Ordinal)));
    }

    [Fact]
    public async Task A_refusal_in_order_keeps_the_connection_and_an_endless_one_does_not()
    {
        _anapec.Behaves = static async call =>
        {
            await call.AnswerAsync("""{"title":"busy"}""", "503 Service Unavailable");
            return true;
        };
        Assert.Equal("provider-busy", (await Ask()).Code);
        _anapec.Behaves = static async call =>
        {
            await call.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1000\r\n\r\nso ");
            return true;
        };
        Assert.Equal("provider-busy", (await Ask()).Code);
        _anapec.Behaves = RawInstitution.Answers;
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal([(1, 1), (1, 2), (2, 1)], _anapec.Calls.Select(static call => (call.Connection, call.Ordinal)));
    }

    [Fact]
    public async Task A_connection_that_rests_is_closed_by_the_gateway_and_not_by_the_institution()
    {
        var ends = new TaskCompletionSource<string>();
        _anapec.Behaves = call =>
        {
            _ = WatchAsync(call);
            return WaitAsync(call);
        };
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal("the gateway", await ends.Task);

        async Task<bool> WaitAsync(RawCall call)
        {
            await call.AnswerAsync();
            var next = await call.Stream.ReadAsync(new byte[1]);
            ends.TrySetResult(next == 0 ? "the gateway" : "nobody");
            return false;
        }

        async Task WatchAsync(RawCall call)
        {
            await Task.Delay(TimeSpan.FromSeconds(12));
            if (ends.TrySetResult("the institution"))
                call.Reset();
        }
    }

    [Fact]
    public async Task A_shorter_rest_that_the_institution_states_is_obeyed()
    {
        _anapec.Behaves = static async call =>
        {
            await call.AnswerAsync(headers: "Keep-Alive: timeout=1\r\n");
            return true;
        };
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.Equal("MATCHED", (await Ask()).MatchStatus);
        Assert.All(_anapec.Calls, static call => Assert.Equal(1, call.Ordinal));
    }

    private static string Refused(RawCall call) => call.Answer.Replace("REGISTERED", "NOT_REGISTERED", StringComparison.Ordinal);

    private string Circuit =>
        _town
            .GatewayHost.Services.GetRequiredService<ProviderConnections>()
            .Circuits.Single(static circuit => circuit.Institution == "anapec")
            .State;

    private int Sendings(Reply reply) => _anapec.Calls.Count(call => call.ExchangeId == reply.Receipt().ExchangeId);

    private Task<Reply> Ask()
    {
        var question = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });
        return _town.Post(Flow.Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY");
    }
}
