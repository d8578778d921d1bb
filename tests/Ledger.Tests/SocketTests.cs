using System.Runtime.InteropServices;
using System.Text;
using Ledger.Local;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>Ledger page §15, TH-29: other processes seal in the same log, each only the events of its user.</summary>
public sealed partial class SocketTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();
    private LedgerWriter _ledger = null!;
    private LedgerSocketServer _server = null!;
    private LedgerSocketClient _client = null!;

    private string Path => System.IO.Path.Combine(_folder.Path, "ledger.sock");

    public async ValueTask InitializeAsync()
    {
        _ledger = LedgerWriter.Open(Some.Options(System.IO.Path.Combine(_folder.Path, "log")), _keys, TimeProvider.System);
        _server = LedgerSocketServer.Listen(_ledger, Path, [new LocalPeer(geteuid(), ["token*", "erase"])]);
        _client = new LedgerSocketClient(Path, _ledger.Key, TimeProvider.System);
        await Until(() => _client.State == LedgerState.Open);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_neighbour_gets_receipts_of_the_same_log()
    {
        var waits = Enumerable.Range(0, 300).Select(i => Some.Seal(_client, Token(i), Token(i + 1000))).ToArray();
        foreach (var wait in waits)
        {
            var receipts = await wait;
            Assert.All(receipts, receipt => Assert.True(receipt.Verify(_ledger.Key)));
            Assert.Equal(receipts[0].Index + 1, receipts[1].Index);
        }

        Assert.Equal(601, (await Some.Seal(_ledger, Some.Record(1)))[0].Index);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
                File.GetUnixFileMode(Path)
            );
        }
    }

    [Theory]
    [InlineData("""{"v":1,"ev":"access"}""")]
    [InlineData("""{"v":1,"ev":"erased"}""")]
    [InlineData("""{"v":1}""")]
    [InlineData("""{"v":1,"ev":5}""")]
    [InlineData("""{"v":1,"x":{"ev":"token"}}""")]
    [InlineData("""{"ev":"token","ev":"access"}""")]
    [InlineData("""["ev","token"]""")]
    [InlineData("not json")]
    public async Task An_event_of_somebody_else_is_refused_and_not_sealed(string record)
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() =>
            Some.Seal(_client, Token(1), SealedRecord.Of(Encoding.ASCII.GetBytes(record)))
        );
        Assert.Contains("does not take", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await Some.Seal(_client, Token(2)))[0].Index);
    }

    [Fact]
    public async Task A_user_without_a_rule_gets_nothing()
    {
        await _server.DisposeAsync();
        _server = LedgerSocketServer.Listen(_ledger, Path, [new LocalPeer(geteuid() + 1, ["token*"])]);
        await using var stranger = new LedgerSocketClient(Path, _ledger.Key, TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            if (stranger.TryReserve(1, out var seat))
            {
                await Assert.ThrowsAsync<LedgerUnavailable>(() => stranger.AppendAsync(seat, [Token(1)]).AsTask());
            }

            await Task.Delay(20);
        }
    }

    [Fact]
    public async Task When_the_owner_goes_nothing_is_confirmed_and_when_it_is_back_the_client_serves_again()
    {
        await _server.DisposeAsync();
        await Until(() => _client.State == LedgerState.Healing);
        Assert.False(_client.TryReserve(1, out _));
        _server = LedgerSocketServer.Listen(_ledger, Path, [new LocalPeer(geteuid(), ["token*"])]);
        await Until(() => _client.State == LedgerState.Open);
        Assert.True((await Some.Seal(_client, Token(3)))[0].Verify(_ledger.Key));
    }

    [Fact]
    public async Task An_answer_signed_by_another_key_is_no_receipt()
    {
        using var other = LogKey.Create();
        await using var wary = new LedgerSocketClient(Path, other.Verifier(Some.Origin), TimeProvider.System);
        await Until(() => wary.State == LedgerState.Open);
        await Assert.ThrowsAsync<LedgerUnavailable>(() => Some.Seal(wary, Token(1)));
    }

    private static SealedRecord Token(int number) => SealedRecord.Of(Encoding.ASCII.GetBytes($$"""{"v":1,"ev":"token","n":{{number}}}"""));

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5);
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}
