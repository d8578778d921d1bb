using Dossiers.Tests.Support;
using Gateway.Authorization.Dossiers;
using Postgres;
using Tokens.Stores;
using Xunit;

namespace Dossiers.Tests;

/// <summary>Over a server of its own, for these tests kill it.</summary>
public sealed class PostgresRegisterTests(PostgresRegisterTests.OwnServer own) : RegisterLaws, IClassFixture<PostgresRegisterTests.OwnServer>
{
    private protected override async Task<StoreSettings> MakeStore() => new() { Postgres = await own.Server.NewDatabase(), PasswordFile = own.Server.PasswordFile };

    [Fact]
    public async Task While_the_server_is_away_look_ups_go_on_declarations_are_refused_and_afterwards_both_work()
    {
        using var register = Open();
        await Declare(register, Some.Opening(Some.Person(1)));
        own.Server.Kill();
        await Assert.ThrowsAsync<DossiersUnavailable>(() => Declare(register, Some.Opening(Some.Person(2))));
        Assert.NotNull(ProvinceOn(register, 1, 0));
        await Until(() => register.Age > TimeSpan.FromSeconds(2));
        await own.Server.Start();
        await Until(() => register.Age < TimeSpan.FromSeconds(2));
        Assert.Equal([DeclaredOutcome.Unchanged, DeclaredOutcome.Accepted], await Declare(register, Some.Opening(Some.Person(1)), Some.Opening(Some.Person(3))));
    }

    [Fact]
    public async Task A_register_whose_server_was_not_there_at_the_start_is_not_fresh_until_it_comes()
    {
        using (var before = Open()) await Declare(before, Some.Opening(Some.Person(1)));
        own.Server.Stop("fast");
        using var register = Open();
        Assert.False(register.IsFresh);
        await own.Server.Start();
        await Until(() => register.IsFresh && ProvinceOn(register, 1, 0) is not null);
    }

    public sealed class OwnServer : IAsyncDisposable
    {
        public RealPostgres Server { get; } = new();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
