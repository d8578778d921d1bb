using System.Net;
using System.Text;
using Agreements.Loading;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Tests.Batches;
using Gateway.Tests.Flow;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Access;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>
/// Where time, quotas or identifiers run out, a person who must look unknown meets the limit where an unknown one does. The source says
/// by a 404 that it does
/// not know a person, as its file allows.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HiddenLimitsTests : IAsyncLifetime
{
    private const int Misses = 12;
    private HidingTown? _started;

    private HidingTown Town => _started ?? throw new InvalidOperationException("the town did not start");

    public async ValueTask InitializeAsync() =>
        _started = await HidingTown.StartAsync(
            static text =>
                text.Replace("deadline: PT8S", "deadline: PT2S", StringComparison.Ordinal)
                    .Replace("missesPerDay: 1000000", $"missesPerDay: {2 * Misses + 24}", StringComparison.Ordinal),
            static provider => provider.Replace("notFoundStatus: none", "notFoundStatus: 404", StringComparison.Ordinal)
        );

    public ValueTask DisposeAsync() => _started?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_person_unknown_by_a_404_and_a_hidden_one_are_answered_and_charged_alike()
    {
        Town.Source.Set(BehaviorMode.NotFound404);
        await Town.Ask(Fixtures.UnknownChild);
        await AreAlike("NOT_FOUND");
    }

    [Fact]
    public async Task Time_that_runs_out_runs_out_for_them_with_the_same_words()
    {
        await Town.Ask(Fixtures.UnknownChild);
        Town.Source.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(6));
        await Town.Ask(Fixtures.UnknownChild);
        await AreAlike("provider-timeout");
        Town.Source.Clear();
        await Town.Ask(Fixtures.UnknownChild);
        await AreAlike("NOT_FOUND");
    }

    [Fact]
    public async Task Lines_about_them_are_charged_and_stopped_where_those_of_unknown_persons_are()
    {
        var before = Remaining(await Town.Ask(Fixtures.UnknownChild));
        var unknown = await Lines(Enumerable.Repeat(Fixtures.UnknownChild, Misses));
        var between = Remaining(await Town.Ask(Fixtures.UnknownChild));
        var hidden = await Lines(Enumerable.Repeat(Fixtures.NoDossier, Misses - 1).Append(Fixtures.OtherProvince));
        Assert.Equal(unknown, hidden);
        var after = Remaining(await Town.Ask(Fixtures.UnknownChild));
        Assert.Equal((before - between, Misses + 1), (between - after, between - after));

        // What is left is less than a batch of either has lines.
        Assert.Equal(HttpStatusCode.OK, (await Town.Ask(Fixtures.NoDossier)).Status);
        // What an answer tells is what was left before it.
        var rest = Remaining(await Town.Ask(Fixtures.NoDossier)) - 1;
        var last = await Lines(Enumerable.Repeat(Fixtures.NoDossier, rest - 1).Concat(Enumerable.Repeat(Fixtures.UnknownChild, 6)));
        Assert.Equal([.. Enumerable.Repeat<string?>(null, rest), .. Enumerable.Repeat("miss-budget-exhausted", 5)], last);
        var (asked, pretended) = (await Town.Ask(Fixtures.UnknownChild), await Town.Ask(Fixtures.NoDossier));
        Assert.Equal((HttpStatusCode.TooManyRequests, HidingTown.Shown(asked)), (pretended.Status, HidingTown.Shown(pretended)));
    }

    [Fact]
    public async Task Where_no_identifier_can_be_made_nobody_was_asked_about_either()
    {
        var (unknown, hidden) = (await AskByHousehold(Fixtures.UnknownChild), await AskByHousehold(Fixtures.NoDossier));
        Assert.Equal(("provider-unavailable", "FWD-07", true, 0), unknown);
        Assert.Equal(unknown, hidden);
    }

    // No grant loads under which a person is named by what the source's identifier cannot be made of: only a fault of its rules could let
    // it come to this.
    private async Task<(string? Code, string? Rule, bool NotAsked, int Legs)> AskByHousehold(string person)
    {
        var services = Town.Town.GatewayHost.Services;
        var (law, intake) = (services.GetRequiredService<RegistryWatcher>().Current, services.GetRequiredService<Intake>());
        var (agreement, operation) = (law.Agreements[HidingTown.Agreement], law.Operations["education.school-enrolment.read"]);
        var client = law.Clients[HidingTown.Client];
        var institution = law.Institutions[client.Institution];
        var caller = new Caller(institution, client, Office: null, agreement.Reference, "ASD_SCHOOLING", [operation.Id])
        {
            TokenId = "",
            ExpiresAt = DateTimeOffset.MaxValue,
            Scheme = TokenScheme.Bearer,
        };
        Assert.True(Entitlement.Decide(law, caller, agreement, operation, intake.Now).Allows(out var entitlement, out _));
        var body = Encoding.UTF8.GetBytes(Flow.Ask.Question(Town.Town, person));
        Assert.True(intake.Read(law, operation, agreement, entitlement.Grant, entitlement.Granted, body).Allows(out var request, out _));
        var named = new Person("household-id", "H-1", intake.PersonOf(operation.Sector, request.Subject).SectorToken);
        var dossiers = services.GetRequiredService<DossierRegister>();
        Assert.True(Permit.Decide(entitlement, request, named, dossiers, intake.Today).Allows(out var permit, out _));
        Assert.Equal(person == Fixtures.NoDossier, permit.Obligations.HiddenRule is not null);
        var facts = intake.Begin(new DefaultHttpContext(), operation.Id);
        var source = entitlement.Grant.Sources[0];
        var sources = services.GetRequiredService<SourceCalls>();
        var said = await sources.AskAsync(permit, source, facts, "fr", static () => true, TestContext.Current.CancellationToken);
        return (said.Refusal?.Problem.Code, said.Refusal?.Rule, said.Refusal!.IsNotAsked, facts.Legs.Length);
    }

    private async Task AreAlike(string outcome)
    {
        var unknown = await Town.Ask(Fixtures.UnknownChild);
        Assert.Equal(outcome, unknown.Status == HttpStatusCode.OK ? unknown.MatchStatus : unknown.Code);
        foreach (var person in new[] { Fixtures.NoDossier, Fixtures.OtherProvince })
        {
            var hidden = await Town.Ask(person);
            Assert.Equal(HidingTown.Shown(unknown), HidingTown.Shown(hidden));
            var next = await Town.Ask(Fixtures.UnknownChild);
            Assert.Equal(Remaining(unknown) - Remaining(hidden), Remaining(hidden) - Remaining(next));
            unknown = next;
        }
    }

    private static int Remaining(Reply reply) => HidingTown.Remaining(reply);

    // The codes of the lines in the order of the batch; null for one that was answered.
    private async Task<List<string?>> Lines(IEnumerable<string> persons)
    {
        var batch = new BatchCall(Town.Town, HidingTown.Client, "ASD_SCHOOLING", HidingTown.Agreement);
        var lines = persons.Select((person, number) => BatchCall.Line(Town.Town, $"l-{number:D3}", person));
        await batch.SubmitLines([.. lines], Guid.CreateVersion7());
        await batch.Completed();
        return (await batch.Results()).ConvertAll(static line => BatchCall.Text(line, "code"));
    }
}
