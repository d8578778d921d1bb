using System.Reflection;
using Agreements.Loading;
using Agreements.Loading.Remembered;

namespace Agreements.Tests;

/// <summary>What <c>suspensions.yaml</c> adds holds whatever the other files say; what it lets go on waits for a whole set.</summary>
public sealed class StopsAloneTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private const string Client = "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n",
        Institution = "  - { kind: institution, id: menps, by: anss, since: 2026-10-02 }\n";
    private const string Broken = "agreements/ANSS-ANAPEC-2026-01.yaml";

    [Theory]
    [InlineData("id: [")]
    [InlineData("")]
    [InlineData("schema: gateway.agreement/1\nid: ANSS-ANAPEC-2026-01\nversion: 1\n")]
    [InlineData("\u0000\u0001")]
    public async Task An_added_stop_holds_while_another_file_is_broken(string text)
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var before = watcher.Current;
        contracts.Write(Broken, text);
        await Until(() => watcher.Lag is not null);
        Append(contracts, Client);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch", TheContracts.Today));
        Assert.True(watcher.Current.IsSuspended(SuspendedKind.Agreement, "ANSS-CNSS-2026-01", TheContracts.Today));
        Assert.NotEqual(before.Digest, watcher.Current.Digest);
        Assert.NotNull(watcher.Lag);
        Append(contracts, Institution);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Institution, "menps", TheContracts.Today));
        Assert.True(watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch", TheContracts.Today));
    }

    [Fact]
    public async Task An_added_stop_holds_while_a_pipe_lies_among_the_agreements()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        OddFilesTests.Pipe(contracts.At("agreements/ANSS-NEW-2026-01.yaml"));
        Append(contracts, Client);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
        File.Delete(contracts.At("agreements/ANSS-NEW-2026-01.yaml"));
        await Until(() => watcher.Lag is null);
        Assert.True(watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }

    [Fact]
    public async Task Letting_go_on_waits_until_every_file_loads()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var good = contracts.Read(Broken);
        contracts.Write(Broken, "id: [");
        await Until(() => watcher.Lag is not null);
        contracts.Write("suspensions.yaml", "schema: gateway.suspensions/1\nsuspensions:\n" + Client);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
        Assert.True(watcher.Current.IsSuspended(SuspendedKind.Agreement, "ANSS-CNSS-2026-01", TheContracts.Today));
        contracts.Write(Broken, good);
        await Until(() => watcher.Lag is null);
        Assert.False(watcher.Current.IsSuspended(SuspendedKind.Agreement, "ANSS-CNSS-2026-01"));
        Assert.True(watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }

    [Theory]
    [InlineData(Client + "  - { kind: client, id: nobody, by: anss, since: 2026-10-01 }\n")]
    [InlineData("  - { kind: client, id: nobody, by: anss, since: 2026-10-01 }\n" + Client)]
    [InlineData("  - { kind: clientt, id: anss-field, by: anss, since: 2026-10-01 }\n" + Client)]
    [InlineData(Client + "  - { kind: client, id: anss-fi")]
    [InlineData(Client + "  - kind: [")]
    [InlineData(Client + "nonsense")]
    [InlineData(Client + "\u202E\n")]
    [InlineData(Client + "ended: [ { agreement: ANSS-ANAPEC-2026-01, by: \n")]
    [InlineData(Client + "suspensions: []\n")]
    [InlineData(Client + "---\nschema: x\n")]
    [InlineData(Client + Client)]
    public async Task A_broken_list_of_stops_adds_what_can_be_read_of_it_and_lets_nothing_go_on(string tail)
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        contracts.Write("suspensions.yaml", "schema: gateway.suspensions/1\nsuspensions:\n" + tail);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch", TheContracts.Today));
        Assert.Equal(["ANSS-CNSS-2026-01", "anss-batch"], watcher.Current.Suspensions.Select(static one => one.Id));
        await Until(() => watcher.LastErrors.Any(static error => error is { File: "suspensions.yaml", Severity: LoadSeverity.Error }));
    }

    [Fact]
    public async Task A_stop_that_comes_with_other_changes_does_not_wait_until_they_are_loaded()
    {
        using var contracts = new TheContracts();
        using var mayGoOn = new ManualResetEventSlim(true);
        var book = LawBook.Open(null, _ => mayGoOn.Wait());
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _, operators: null, book)!;
        try
        {
            mayGoOn.Reset();
            var text = contracts.Read(Broken).Split("signatures:")[0];
            text = text.Replace("ANSS-ANAPEC-2026-01", "ANSS-NEW-2026-01", StringComparison.Ordinal);
            contracts.Write("agreements/ANSS-NEW-2026-01.yaml", text);
            contracts.Sign("ANSS-NEW-2026-01");
            Append(contracts, Client);
            await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
            Assert.DoesNotContain("ANSS-NEW-2026-01", watcher.Current.Agreements.Keys);
        }
        finally
        {
            mayGoOn.Set();
        }

        await Until(() => watcher.Current.Agreements.ContainsKey("ANSS-NEW-2026-01"));
    }

    [Fact]
    public async Task A_list_of_stops_that_is_too_large_adds_its_last_line()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        Append(contracts, new string('#', 3 << 20) + "\n" + Client);
        await Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch", TheContracts.Today));
        await Until(() => watcher.LastErrors.Any(static error => error is { File: "suspensions.yaml", What: "larger than 1048576 bytes" }));
    }

    [Theory]
    [InlineData("suspensions:\n  - { kind: client, id: anss-batch, id: anss-field, by: anss, since: 2026-10-01 }\n")]
    [InlineData("suspensions:\n  - { kind: system, id: anss-batch, by: anss, since: 2026-10-01 }\n")]
    [InlineData("suspensions:\n  - { kind: client, id: anss-bacth, by: anss, since: 2026-10-01 }\n")]
    [InlineData("suspensions:\n  - { kind: agreement, id: ANSS-MENPS-2026-01, by: anapec, since: 2026-10-01 }\n")]
    [InlineData("")]
    public async Task An_entry_that_names_nothing_or_two_things_or_is_of_a_stranger_stops_nothing_and_what_was_stopped_stays(string text)
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var before = watcher.Current;
        contracts.Write("suspensions.yaml", text.Length == 0 ? text : "schema: gateway.suspensions/1\n" + text);
        await Until(() => watcher.Lag is not null);
        Assert.Same(before, watcher.Current);
        File.Delete(contracts.At("suspensions.yaml"));
        await Until(() => watcher.LastErrors.Any(static error => error.What == "the file is missing"));
        Assert.Same(before, watcher.Current);
    }

    [Fact]
    public void Nodes_that_saw_the_stops_in_another_order_have_the_same_law()
    {
        using var contracts = new TheContracts();
        var law = contracts.Registry();
        byte[] File(string items) => System.Text.Encoding.UTF8.GetBytes("suspensions:\n" + items);
        var together = AddedStops.To(law, law, File(Client + Institution), Today);
        var inTurn = AddedStops.To(AddedStops.To(law, law, File(Institution), Today), law, File(Client), Today);
        Assert.Equal(together.Digest, inTurn.Digest);
        Assert.NotEqual(law.Digest, together.Digest);
        Assert.Same(together, AddedStops.To(together, law, File(Client), Today));
    }

    [Fact]
    public void A_stop_that_begins_earlier_adds_and_one_that_begins_later_does_not()
    {
        using var contracts = new TheContracts();
        var law = contracts.Registry();
        byte[] Since(string day) =>
            System.Text.Encoding.UTF8.GetBytes(
                $"suspensions:\n  - {{ kind: agreement, id: ANSS-CNSS-2026-01, by: cnss, since: {day} }}\nended:\n  - {{ agreement: ANSS-ANAPEC-2026-01, by: anss, on: {day}, reference: letter 12 }}\n"
            );
        var earlier = AddedStops.To(law, law, Since("2026-09-09"), Today);
        Assert.Equal(new DateOnly(2026, 9, 9), Assert.Single(earlier.Suspensions).Since);
        Assert.Equal(new DateOnly(2026, 9, 9), Assert.Single(earlier.Endings).On);
        Assert.Same(earlier, AddedStops.To(earlier, law, Since("2027-01-01"), Today));
    }

    [Fact]
    public void A_law_with_more_stopped_is_the_same_in_everything_else()
    {
        using var contracts = new TheContracts();
        var law = contracts.Registry();
        var more = AddedStops.To(law, law, System.Text.Encoding.UTF8.GetBytes("suspensions:\n" + Client), Today);
        foreach (
            var property in typeof(Registry)
                .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(static one => one.SetMethod is not null && one.Name is not ("Suspensions" or "Digest" or "Endings"))
        )
            Assert.Same(property.GetValue(law), property.GetValue(more));
    }

    internal static void Append(TheContracts contracts, string line) =>
        contracts.Write("suspensions.yaml", contracts.Read("suspensions.yaml") + line);

    internal static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.True(holds());
    }
}
