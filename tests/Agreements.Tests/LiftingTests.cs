using Agreements.Loading;
using Agreements.Loading.Remembered;
using Agreements.Signatures;

namespace Agreements.Tests;

/// <summary>Where there are operators, one person stops what he likes, and two let it go on.</summary>
public sealed class LiftingTests : IDisposable
{
    private const string Client = "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n";
    private const string Refused =
        "'client anss-batch since 2026-10-01' is stopped here, and two operators have not approved that it goes on";
    private const string Broken = "agreements/ANSS-ANAPEC-2026-01.yaml";
    private readonly TheContracts _contracts = new();
    private static readonly string[] Both = ["op-1", "op-2"];
    private readonly OperatorSet _operators = OperatorSet.Read(
        string.Join('\n', Both.Select(static id => $"{{\"operator\":\"{id}\",\"jwk\":{TheContracts.Jwk(id)}}}"))
    );
    private readonly string _before;
    private string? _kept;

    public LiftingTests()
    {
        _before = _contracts.Read("suspensions.yaml");
        Approve();
        Law();
    }

    public void Dispose() => _contracts.Dispose();

    [Fact]
    public void A_stop_that_was_added_after_the_approvals_goes_on_with_two_alone()
    {
        StopsAloneTests.Append(_contracts, Client);
        Law();
        _contracts.Write("suspensions.yaml", _before);
        Assert.Equal(Refused, Wrong().What);
        Assert.Contains("--lift \"client anss-batch\"", Wrong().Remedy, StringComparison.Ordinal);
        Approve(); // of the same set, which says nothing of the client
        Assert.Equal(Refused, Wrong().What);
        Approve("client anss-batch");
        Law();
        StopsAloneTests.Append(_contracts, Client); // and again: the approval that let it go on does so once
        Law();
        _contracts.Write("suspensions.yaml", _before);
        Assert.Equal(Refused, Wrong().What);
    }

    [Fact]
    public void An_approval_of_other_changes_lifts_nothing_by_the_way()
    {
        StopsAloneTests.Append(_contracts, Client);
        Law();
        _contracts.Write("suspensions.yaml", _before);
        _contracts.Edit("institutions/anss.yaml", "tokensPerMinute: 60", "tokensPerMinute: 6");
        Approve();
        Assert.Equal(Refused, Wrong().What);
    }

    [Fact]
    public void What_the_approvals_name_as_stopped_goes_on_with_the_next_ones()
    {
        _contracts.Write("suspensions.yaml", "schema: gateway.suspensions/1\nsuspensions: []\n");
        AssertGone();
        Approve();
        Assert.Equal(["agreement ANSS-CNSS-2026-01"], Approvable.Of(_contracts.Folder, TheContracts.Time)!.Lifted);
        Law();
        Law(); // a restart
    }

    [Fact]
    public void Putting_a_stop_off_lifts_it_and_bringing_it_forward_does_not()
    {
        StopsAloneTests.Append(_contracts, Client);
        Law();
        _contracts.Edit("suspensions.yaml", "since: 2026-10-01", "since: 2099-01-01");
        Assert.Equal(Refused, Wrong().What);
        _contracts.Edit("suspensions.yaml", "since: 2099-01-01", "since: 2026-09-01");
        Law();
        _contracts.Edit("suspensions.yaml", "since: 2026-10-20", "since: 2099-01-01"); // one that the approvals name
        AssertGone();
    }

    [Fact]
    public void An_ending_is_taken_back_by_two()
    {
        const string Ended = "ended:\n  - { agreement: ANSS-ANAPEC-2026-01, by: anss, on: 2026-10-01, reference: letter 12 }\n";
        StopsAloneTests.Append(_contracts, Ended);
        Law();
        _contracts.Write("suspensions.yaml", _before);
        Assert.StartsWith("'ended ANSS-ANAPEC-2026-01 since 2026-10-01' is stopped here", Wrong().What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_that_came_while_the_set_was_broken_goes_on_with_two_alone_too()
    {
        await using (var watcher = RegistryWatcher.Start(_contracts.Folder, TimeProvider.System, out _, _operators, Open())!)
        {
            var good = _contracts.Read(Broken);
            _contracts.Write(Broken, "id: [");
            StopsAloneTests.Append(_contracts, Client);
            await StopsAloneTests.Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
            _contracts.Write("suspensions.yaml", _before);
            _contracts.Write(Broken, good);
            await StopsAloneTests.Until(() => watcher.LastErrors.Any(static error => error.What == Refused));
            Assert.True(watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
        }

        Assert.Equal(Refused, Wrong().What);
    }

    [Fact]
    public async Task A_stop_holds_also_when_it_cannot_be_written_down()
    {
        var full = false;
        var book = LawBook.Open(_kept, text => _kept = full ? throw new IOException() : text);
        await using var watcher = RegistryWatcher.Start(_contracts.Folder, TimeProvider.System, out _, _operators, book)!;
        full = true;
        _contracts.Write(Broken, "id: [");
        StopsAloneTests.Append(_contracts, Client);
        await StopsAloneTests.Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }

    [Fact]
    public void Without_operators_one_person_lifts_what_he_stopped()
    {
        var book = LawBook.Open(null, static _ => { });
        File.Delete(_contracts.At("approvals.yaml"));
        StopsAloneTests.Append(_contracts, Client);
        Assert.NotNull(RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators: null, book).Registry);
        _contracts.Write("suspensions.yaml", _before);
        Assert.NotNull(RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators: null, book).Registry);
    }

    private static string Signed(string text, string id) => AgreementSignature.Sign(text, id, TheContracts.Key(id));

    private LawBook Open() => LawBook.Open(_kept, text => _kept = text);

    private RegistryLoad Load() => RegistryLoader.Load(_contracts.Folder, TheContracts.Time, _operators, Open());

    private void AssertGone()
    {
        const string Gone = "'agreement ANSS-CNSS-2026-01 since 2026-10-20' was stopped when the set was approved, and is not any more";
        Assert.Contains(Load().Errors, static error => error.What == Gone);
    }

    private void Law() => Assert.Empty(Load().Errors.Where(static error => error.Severity is LoadSeverity.Error));

    private LoadError Wrong() => Assert.Single(Load().Errors, static error => error.Severity is LoadSeverity.Error);

    private void Approve(params string[] lift)
    {
        var text = Approvable.Of(_contracts.Folder, TheContracts.Time, lift)!.Text;
        string Line(string id) => $"  - {{ operator: {id}, on: 2026-11-21, algorithm: ES256, value: \"{Signed(text, id)}\" }}\n";
        _contracts.Write("approvals.yaml", text + "signatures:\n" + string.Concat(Both.Select(Line)));
    }
}
