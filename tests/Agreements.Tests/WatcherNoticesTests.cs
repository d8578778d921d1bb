using System.Collections.Concurrent;
using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>
/// When files on disk are not what is in force, somebody is told once, and again when it is over; no fault ends the watching.
/// </summary>
public sealed class WatcherNoticesTests
{
    private const string File = "agreements/ANSS-ANAPEC-2026-01.yaml";

    [Fact]
    public async Task One_error_when_it_begins_and_a_line_when_it_is_over()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var said = new ConcurrentQueue<LawNotice>();
        using var notices = new LawNotices(watcher, said.Enqueue);
        var good = contracts.Read(File);
        Assert.Contains("no operators are named", Assert.Single(said).Text, StringComparison.Ordinal);
        contracts.Write(File, "id: [");
        await StopsAloneTests.Until(() => watcher.Lag is not null);
        var since = watcher.Lag!.Since;
        contracts.Write(File, "id: [[");
        contracts.Write("institutions/dfp.yaml", "id: [");
        await StopsAloneTests.Until(() => watcher.LastErrors.Any(static error => error.File == "institutions/dfp.yaml"));
        StopsAloneTests.Append(contracts, "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n");
        await StopsAloneTests.Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
        await Task.Delay(1200, TestContext.Current.CancellationToken); // two looks more
        Assert.Equal(since, watcher.Lag!.Since);
        Assert.StartsWith("the contracts on disk are not in force since ", LawNotices.Behind(watcher), StringComparison.Ordinal);
        Assert.Contains(File, Assert.Single(said, static notice => notice.Weight is LawWeight.Error).Text, StringComparison.Ordinal);
        contracts.Write(File, good);
        contracts.Write(
            "institutions/dfp.yaml",
            await System.IO.File.ReadAllTextAsync(
                Path.Combine(TheContracts.Committed, "institutions/dfp.yaml"),
                TestContext.Current.CancellationToken
            )
        );
        await StopsAloneTests.Until(() =>
            said.Any(static notice => notice.Text.StartsWith("The contracts on disk are in force again", StringComparison.Ordinal))
        );
        Assert.Null(LawNotices.Behind(watcher));
        Assert.Single(said, static notice => notice.Weight is LawWeight.Error);
    }

    [Fact]
    public async Task A_handler_that_gives_up_keeps_nothing_from_the_others_and_ends_nothing()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var told = 0;
        watcher.Changed += static (_, _) => throw new OperationCanceledException();
        watcher.Changed += (_, change) => told += change.Activated ? 1 : 0;
        for (var day = 21; day < 24; day++)
        {
            contracts.Edit("suspensions.yaml", $"since: 2026-10-{day - 1}", $"since: 2026-10-{day}");
            await StopsAloneTests.Until(() => watcher.Current.Suspensions[0].Since.Day == day && told == day - 20);
        }
    }

    [Fact]
    public async Task A_folder_that_goes_and_comes_back_is_watched_on()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        Directory.Move(contracts.Folder, contracts.Folder + "-away");
        await StopsAloneTests.Until(() => watcher.Lag is not null);
        Directory.Move(contracts.Folder + "-away", contracts.Folder);
        await StopsAloneTests.Until(() => watcher.Lag is null);
        StopsAloneTests.Append(contracts, "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n");
        await StopsAloneTests.Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }
}
