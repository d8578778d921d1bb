using Agreements.Loading;

namespace Agreements.Tests;

public sealed class RegistryWatcherTest
{
    private static async Task<bool> Until(Func<bool> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (condition())
                return true;
            await Task.Delay(50);
        }
        return false;
    }

    [Fact]
    public async Task A_changed_file_becomes_law_without_a_restart()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var before = watcher.Current;
        contracts.Edit(
            "suspensions.yaml",
            "suspensions:\n",
            "suspensions:\n  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n"
        );
        Assert.True(await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch")));
        Assert.NotSame(before, watcher.Current);
        Assert.NotEqual(before.Digest, watcher.Current.Digest);
        Assert.False(before.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }

    [Fact]
    public async Task An_invalid_set_changes_nothing_and_is_reported()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var seen = new System.Collections.Concurrent.ConcurrentQueue<RegistryChanged>();
        watcher.Changed += (_, changed) => seen.Enqueue(changed);
        var (before, activatedAt) = (watcher.Current, watcher.ActivatedAt);
        var good = contracts.Read("suspensions.yaml");
        contracts.Write("suspensions.yaml", good + "  - { kind: client, id: nobody, by: anss, since: 2026-10-01 }\n");
        Assert.True(await Until(() => watcher.LastErrors.Any(error => error.Severity is LoadSeverity.Error)));
        Assert.Same(before, watcher.Current);
        Assert.Equal(activatedAt, watcher.ActivatedAt);
        Assert.True(await Until(() => seen.Any(changed => !changed.Activated)));
        contracts.Write("suspensions.yaml", good);
        Assert.True(await Until(() => watcher.LastErrors.Count == 0));
        Assert.True(await Until(() => seen.Any(changed => changed.Activated)));
    }

    [Fact]
    public async Task A_file_that_nobody_reads_is_noticed_and_its_removal_too()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        contracts.Write("agreements/ANSS-NEW-2026-01.yml", "id: x\n");
        Assert.True(await Until(() => watcher.LastErrors.Any(error => error.File == "agreements/ANSS-NEW-2026-01.yml")));
        File.Delete(contracts.At("agreements/ANSS-NEW-2026-01.yml"));
        Assert.True(await Until(() => watcher.LastErrors.Count == 0));
    }

    [Fact]
    public async Task A_key_file_that_changes_is_noticed()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var before = watcher.Current.Clients["anss-batch"].Jwks;
        contracts.Write("institutions/anss-batch.jwks.json", $$"""{"keys":[{{TheContracts.Jwk("another")}}]}""");
        Assert.True(await Until(() => watcher.Current.Clients["anss-batch"].Jwks != before));
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_stop_the_watch()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        watcher.Changed += (_, _) => throw new InvalidOperationException();
        contracts.Edit("suspensions.yaml", "since: 2026-10-20", "since: 2026-10-21");
        Assert.True(await Until(() => watcher.Current.Suspensions[0].Since == new DateOnly(2026, 10, 21)));
        contracts.Edit("suspensions.yaml", "since: 2026-10-21", "since: 2026-10-22");
        Assert.True(await Until(() => watcher.Current.Suspensions[0].Since == new DateOnly(2026, 10, 22)));
    }

    [Fact]
    public void Without_a_valid_first_set_there_is_nothing_to_watch()
    {
        using var contracts = new TheContracts();
        File.Delete(contracts.At("suspensions.yaml"));
        Assert.Null(RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out var load));
        Assert.Contains(load.Errors, error => error is { File: "suspensions.yaml", Severity: LoadSeverity.Error });
    }

    [Fact]
    public async Task Readers_never_see_half_a_set_while_it_changes()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var (from, to) = ("since: 2026-10-20", "since: 2026-10-19");
        for (var i = 0; i < 40; i++)
        {
            contracts.Edit("suspensions.yaml", from, to);
            (from, to) = (to, from);
            var registry = watcher.Current;
            Assert.Equal(7, registry.Agreements.Count);
            Assert.NotNull(registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.read"));
            await Task.Delay(20);
        }
        var last = contracts.Read("suspensions.yaml").Contains("2026-10-20", StringComparison.Ordinal) ? 20 : 19;
        Assert.True(await Until(() => watcher.Current.Suspensions[0].Since.Day == last));
    }
}
