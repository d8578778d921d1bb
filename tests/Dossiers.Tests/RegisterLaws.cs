using System.Diagnostics;
using System.Globalization;
using Dossiers.Tests.Support;
using FsCheck.Fluent;
using Gateway.Authorization.Dossiers;
using Tokens.Stores;
using Xunit;

namespace Dossiers.Tests;

/// <summary>What the register promises over either store.</summary>
public abstract class RegisterLaws : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dossiers-").FullName;
    private StoreSettings _store = null!;

    private protected string Folder => _folder;
    private protected StoreSettings Store => _store;

    private protected abstract Task<StoreSettings> MakeStore();

    public async ValueTask InitializeAsync() => _store = await MakeStore();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_was_declared_is_there_after_a_restart()
    {
        using (var register = Open())
        {
            await Declare(
                register,
                Some.Opening(Some.Person(1)),
                Some.Moving(Some.Person(1), Some.Day.AddDays(9), Some.There),
                Some.Opening(Some.Person(2), to: Some.Day.AddDays(3))
            );
            await Declare(register, Some.Closing(Some.Person(1), Some.Day, Some.Day.AddDays(19)));
        }

        using var again = Open();
        Assert.Equal("06.181.", ProvinceOn(again, 1, 8));
        Assert.Equal("06.467.", ProvinceOn(again, 1, 19));
        Assert.Null(ProvinceOn(again, 1, 20));
        Assert.Null(ProvinceOn(again, 2, 4));
        Assert.Equal([DeclaredOutcome.Unchanged], await Declare(again, Some.Closing(Some.Person(1), Some.Day, Some.Day.AddDays(19))));
    }

    [Fact]
    public async Task A_turn_that_is_not_committed_never_happened()
    {
        using var register = Open();
        using (var turn = await register.BeginAsync(default))
        {
            Assert.Equal(
                DeclaredOutcome.Accepted,
                turn.Declare(Some.Agreement, Some.Quality, Some.Opening(Some.Person(1)), exchange: 1, out _)
            );
            Assert.Null(ProvinceOn(register, 1, 0));
        }

        Assert.Null(ProvinceOn(register, 1, 0));
        Assert.True(register.IsEmpty(Some.Agreement, [Some.Quality]));
        Assert.Equal([DeclaredOutcome.Accepted], await Declare(register, Some.Opening(Some.Person(1))));
        Assert.False(register.IsEmpty(Some.Agreement, [Some.Quality]));
    }

    [Fact]
    public async Task Another_node_follows_within_seconds_and_two_nodes_never_contradict_each_other()
    {
        using var one = Open();
        using var other = Open();
        await Declare(one, Some.Opening(Some.Person(1)));
        await Until(() => ProvinceOn(other, 1, 0) is not null);
        await Declare(other, Some.Closing(Some.Person(1), Some.Day, Some.Day));
        // At once, before the news can have arrived: the turn begins with what others wrote.
        Assert.Equal(
            [DeclaredOutcome.Unchanged, DeclaredOutcome.Conflict],
            await Declare(
                one,
                Some.Closing(Some.Person(1), Some.Day, Some.Day),
                Some.Moving(Some.Person(1), Some.Day.AddDays(3), Some.There)
            )
        );
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i =>
                    Task.Run(() =>
                        Declare(
                            i % 2 == 0 ? one : other,
                            [.. Enumerable.Range(0, 70).Select(n => Some.Opening(Some.Person(1000 + i * 100 + n)))]
                        )
                    )
                )
        );
        await Until(() => one.LastPlace == other.LastPlace && one.LastPlace == 2 + 1400);
    }

    [Fact]
    public async Task The_exchange_that_opened_a_dossier_is_found_again_when_it_closes()
    {
        using (var register = Open())
            for (var chunk = 0; chunk < 3; chunk++)
                await Declare(register, [.. Enumerable.Range(chunk * 100, 100).Select(i => Some.Opening(Some.Person(i)))]);
        using var again = Open();
        using var turn = await again.BeginAsync(default);
        foreach (var i in (int[])[0, 63, 64, 99, 100, 299])
        {
            turn.Declare(Some.Agreement, Some.Quality, Some.Closing(Some.Person(i), Some.Day, Some.Day), exchange: 1, out var opening);
            Assert.Equal((UInt128)(10_000 + i % 100), turn.ExchangeOf(opening));
        }

        turn.Declare(Some.Agreement, Some.Quality, Some.Opening(Some.Person(900)), exchange: 77, out var mine);
        Assert.Equal((UInt128)77, turn.ExchangeOf(mine));
    }

    [Fact]
    public async Task An_answer_is_kept_for_its_key_and_seven_days()
    {
        using var register = Open();
        var (scope, other, now) = (new byte[32], new byte[] { 9 }, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        await Turn(register, turn =>
        {
            Assert.Null(turn.FindCall(scope));
            turn.Reserve(scope, [1], now, "01A", "one");
            turn.KeepAnswer(scope, "01A", [2, 3], now);
        });
        await Turn(register, turn =>
        {
            var kept = turn.FindCall(scope)!;
            Assert.Equal((now, "01A"), (kept.At, kept.Exchange));
            Assert.Equal([2, 3], kept.Body);
            turn.Reserve(other, [1], now, "01B", "one");
            turn.KeepAnswer(other, "01B", [], now.AddDays(8));
            Assert.Null(turn.FindCall(scope));
        });
    }

    [Fact]
    public async Task A_key_is_held_against_other_processes_until_it_is_released_or_taken_over()
    {
        using var register = Open();
        using var elsewhere = Open();
        var (scope, now) = (new byte[32], DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        await Turn(register, turn => turn.Reserve(scope, [1], now, "01A", "one"));
        await Turn(elsewhere, turn =>
        {
            Assert.True(turn.FindCall(scope)!.IsHeldByAnother("two"));
            Assert.False(turn.FindCall(scope)!.IsHeldByAnother("one"));
            Assert.False(turn.Renew(scope, "01B"));
            turn.Release(scope, "01B");
            Assert.NotNull(turn.FindCall(scope));
        });
        // Another call takes it, as it may when the time of the first is over: the first has lost it.
        await Turn(elsewhere, turn => turn.Reserve(scope, [1], now, "01B", "two"));
        await Turn(register, turn =>
        {
            Assert.False(turn.Renew(scope, "01A"));
            turn.Release(scope, "01A");
            Assert.True(turn.Renew(scope, "01B"));
            turn.KeepAnswer(scope, "01A", [1], now);
            Assert.Null(turn.FindCall(scope)!.Body);
            turn.Release(scope, "01B");
            Assert.Null(turn.FindCall(scope));
        });
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(KeyedCall.LeaseSeconds, true)]
    [InlineData(3600, false)]
    public void A_lease_that_is_over_or_longer_than_one_can_be_holds_nothing(int left, bool held) =>
        Assert.Equal(held, new KeyedCall([], default, "01A", "one", TimeSpan.FromSeconds(left), Body: null).IsHeldByAnother("two"));

    [Fact]
    public async Task The_register_and_its_log_say_the_same_after_any_declarations()
    {
        var person = 0;
        var samples = Gen.ListOf(DossierRulesTests.Steps).Sample(40, 12);
        foreach (var steps in samples)
        {
            var (subject, model) = (Some.Person(++person), new DossierRulesTests.DayByDay());
            using (var register = Open())
            {
                foreach (var step in steps)
                    Assert.Equal(
                        [model.Apply(step)],
                        await Declare(register, DossierRulesTests.Declared(step) with { Person = subject, Clause = 0 })
                    );
                Same(register, subject, model);
            }

            using var again = Open();
            Same(again, subject, model);
        }
    }

    [Fact]
    public async Task Every_acknowledged_declaration_survives_kill_9_and_no_chunk_is_half_there()
    {
        var record = Path.Combine(_folder, "acknowledged");
        var next = 0;
        for (var round = 0; round < 4; round++)
        {
            using var declarer = Declarer.Start(_store, record, next);
            var target = next + 5 + round * 3;
            await Until(() => Acknowledged(record).DefaultIfEmpty(-1).Max() >= target);
            declarer.Kill();
            await declarer.WaitForExitAsync();
            using var register = Open();
            var known = Acknowledged(record);
            foreach (var chunk in known)
                Assert.Equal(Declarer.Chunk, Found(register, chunk));
            // The one under way is there whole or not at all.
            Assert.Contains(Found(register, known.Max() + 1), new[] { 0, Declarer.Chunk });
            Assert.Equal(0, Found(register, known.Max() + 2));
            next = known.Max() + 2;
        }
    }

    private static async Task Turn(DossierRegister register, Action<DeclarationTurn> does)
    {
        using var turn = await register.BeginAsync(default);
        does(turn);
        turn.Commit();
    }

    private protected DossierRegister Open(string seed = "") => DossierRegister.Open(_store, seed, Some.Key, TimeProvider.System);

    private protected static async Task<DeclaredOutcome[]> Declare(DossierRegister register, params Declaration[] declarations)
    {
        using var turn = await register.BeginAsync(default);
        var outcomes = declarations
            .Select((declaration, i) => turn.Declare(Some.Agreement, Some.Quality, declaration, (UInt128)(10_000 + i), out _))
            .ToArray();
        turn.Commit();
        return outcomes;
    }

    private protected static string? ProvinceOn(DossierRegister register, int person, int day) =>
        register.TryFind(Some.Agreement, [Some.Quality], Some.Person(person), Some.Day.AddDays(day), out var dossier)
            ? dossier.Province
            : null;

    private protected static async Task Until(Func<bool> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); await Task.Delay(20))
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
                Assert.Fail("it did not come to be within a minute");
    }

    private static void Same(DossierRegister register, UInt128 person, DossierRulesTests.DayByDay model)
    {
        for (var day = 0; day <= 24; day++)
        {
            var found = register.TryFind(Some.Agreement, [Some.Quality], person, DossierDay.Day((ushort)day)!.Value, out var dossier);
            Assert.Equal(model.ProvinceOn(day), found ? int.Parse(dossier.Province[3..6], CultureInfo.InvariantCulture) : 0);
        }
    }

    private static int Found(DossierRegister register, int chunk) =>
        Enumerable.Range(chunk * Declarer.Chunk, Declarer.Chunk).Count(person => ProvinceOn(register, person, 0) is not null);

    private static List<int> Acknowledged(string record)
    {
        if (!File.Exists(record))
            return [];
        using var stream = new FileStream(record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => int.Parse(line, CultureInfo.InvariantCulture)),
        ];
    }
}
