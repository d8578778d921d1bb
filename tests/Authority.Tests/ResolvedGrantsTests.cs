using System.Text;
using Agreements.Loading;
using Authority.Tests.Support;
using Microsoft.AspNetCore.Http;
using Tokens.Status;
using Tokens.Stores;

namespace Authority.Tests;

/// <summary>
/// A decision that is remembered is the decision that would be taken: it ends with the day, the registry version and the question.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class ResolvedGrantsTests : IDisposable
{
    private const string Agreement = "ANSS-MENPS-2026-01";
    private readonly TempContracts _contracts = new(extraClients: "");
    private readonly TownClock _clock = new();

    public void Dispose() => _contracts.Dispose();

    [Fact]
    public async Task OA_58_The_same_question_gets_the_same_grant_and_after_the_agreement_has_ended_a_refusal()
    {
        var (policy, client) = (new GrantPolicy([TheAuthority.Gateway], static () => StatusSnapshot.Empty, _clock), Client(Directory()));
        var request = await Request(Agreement);
        Assert.True(policy.Resolve(client, request).Allows(out var first, out _));
        Assert.True(policy.Resolve(client, request).Allows(out var again, out _));
        Assert.Same(first, again);
        _clock.Ahead = first.Until - _clock.GetUtcNow() + TimeSpan.FromHours(1);
        Assert.False(policy.Resolve(client, request).Allows(out _, out var refusal));
        Assert.Equal("agreement-expired", refusal.Code);
    }

    [Fact]
    public async Task OA_58_A_new_registry_version_decides_anew()
    {
        var policy = new GrantPolicy([TheAuthority.Gateway], static () => StatusSnapshot.Empty, _clock);
        var request = await Request(Agreement);
        Assert.True(policy.Resolve(Client(Directory()), request).Allows(out _, out _));
        _contracts.Grant(Agreement, "anss-eligibility, anss-batch", "anss-batch");
        Assert.False(policy.Resolve(Client(Directory()), request).Allows(out _, out var refusal));
        Assert.Equal("purpose-not-covered", refusal.Code);
    }

    [Fact]
    public async Task A_grant_is_kept_for_its_own_question_and_its_own_client_only()
    {
        var (policy, directory) = (
            new GrantPolicy([TheAuthority.Gateway, TheAuthority.Console], static () => StatusSnapshot.Empty, _clock),
            Directory()
        );
        Assert.True(policy.Resolve(Client(directory), await Request(Agreement)).Allows(out _, out _));
        Assert.False(policy.Resolve(Client(directory), await Request("ANSS-NOBODY-2026-01")).Allows(out _, out var refusal));
        Assert.Equal("agreement-unknown", refusal.Code);
        Assert.False(policy.Resolve(Client(directory), await Request(Agreement, "health.pregnancy-follow-up.read")).Allows(out _, out _));
        Assert.False(policy.Resolve(Client(directory, TheAuthority.Inclusion), await Request(Agreement)).Allows(out _, out _));
        Assert.True(
            policy.Resolve(Client(directory), await Request(Agreement, resource: TheAuthority.Console)).Allows(out var other, out _)
        );
        Assert.Equal(TheAuthority.Console, other.Resource);
    }

    [Fact]
    public void What_is_kept_is_bounded_and_long_questions_are_not_kept()
    {
        var (grants, today) = (new ResolvedGrants(), new DateOnly(2026, 11, 21));
        var grant = new Grant(TheAuthority.Gateway, "A@1", "P", ["o"], DateTimeOffset.MaxValue);
        ResolvedGrants.Question Asked(int number) => new(TheAuthority.Gateway, $"scope-{number}", Details: null, today);
        for (var number = 0; number < 1000; number++)
            grants.Keep(Asked(number), grant);
        Assert.InRange(Enumerable.Range(0, 1000).Count(number => grants.Find(Asked(number)) is not null), 1, 16);
        foreach (
            var lengthy in (ResolvedGrants.Question[])
                [Asked(1) with { Scope = new string('s', 2000) }, Asked(2) with { Details = new string('d', 2000) }]
        )
        {
            grants.Keep(lengthy, grant);
            Assert.Null(grants.Find(lengthy));
        }
    }

    [Fact]
    public async Task A_stop_of_the_agreement_bites_on_a_grant_that_is_remembered_and_its_lifting_heals()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var status = StatusStore.Open(new StoreSettings { File = file }, _clock);
            var (policy, client) = (new GrantPolicy([TheAuthority.Gateway], () => status.Current, _clock), Client(Directory()));
            var request = await Request(Agreement);
            Assert.True(policy.Resolve(client, request).Allows(out _, out _));
            await status.Suspend(StoppedKind.Agreement, Agreement, "drill");
            Assert.False(policy.Resolve(client, request).Allows(out _, out var refusal));
            Assert.Equal("agreement-suspended", refusal.Code);
            await status.Lift(StoppedKind.Agreement, Agreement);
            Assert.True(policy.Resolve(client, request).Allows(out _, out _));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private ClientDirectory Directory()
    {
        var load = RegistryLoader.Load(_contracts.Folder, _clock);
        Assert.True(load.Registry is not null, string.Join('\n', load.Errors));
        return new ClientDirectory(load.Registry);
    }

    private static AuthenticatedClient Client(ClientDirectory directory, string id = TheAuthority.Eligibility) =>
        new(directory.Find(id)!, directory.Registry, certificate: null, keyUntil: null);

    private static async Task<TokenRequest> Request(
        string agreement,
        string scope = TheAuthority.Schooling,
        string resource = TheAuthority.Gateway
    )
    {
        var details = $$"""[{"type":"data_exchange","agreement":"{{agreement}}","purpose":"ASD_SCHOOLING"}]""";
        var form = Encoding.ASCII.GetBytes(
            $"scope={scope}&resource={Uri.EscapeDataString(resource)}&authorization_details={Uri.EscapeDataString(details)}"
        );
        var context = new DefaultHttpContext();
        (context.Request.ContentType, context.Request.ContentLength, context.Request.Body) = (
            "application/x-www-form-urlencoded",
            form.Length,
            new MemoryStream(form)
        );
        Assert.True((await TokenRequest.Read(context)).Allows(out var request, out _));
        return request;
    }
}
