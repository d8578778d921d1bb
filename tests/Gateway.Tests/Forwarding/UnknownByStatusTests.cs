using System.Text.Json;
using Gateway.Tests.Flow;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>An institution that says by 404 that it does not know a person has to say it of the question that was asked.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class UnknownByStatusTests
{
    [Fact]
    public async Task A_404_that_names_no_exchange_is_no_negative_over_a_connection_that_carried_another_question()
    {
        var (town, anapec) = await RawInstitution.StartAsync("anapec", static folder =>
        {
            var file = Path.Combine(folder, "institutions", "anapec.yaml");
            var text = File.ReadAllText(file);
            File.WriteAllText(file, text.Replace("notFoundStatus: none", "notFoundStatus: 404", StringComparison.Ordinal));
        });
        await using var ended = town;
        await using var closed = anapec;
        var question = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });

        Assert.Equal("NOT_FOUND", await Said(named: ""));
        Assert.Equal("NOT_FOUND", await Said(named: null));
        Assert.Equal("provider-wrong-subject", await Said(named: ""));
        Assert.Equal([1, 2, 2], anapec.Calls.Select(static call => call.Connection));

        async Task<string?> Said(string? named)
        {
            anapec.Behaves = async call =>
            {
                await call.AnswerAsync("{}", "404 Not Found", named: named);
                return true;
            };
            var reply = await town.Post(Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY");
            return reply.Code ?? reply.MatchStatus;
        }
    }
}
