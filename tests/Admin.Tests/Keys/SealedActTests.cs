using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Ledger;
using Ledger.Local;
using Ledger.Tiles;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.Tests.Keys;

/// <summary>
/// What an operator stops stands in the log of the node, through its socket; a ledger that is away stops nobody from stopping.
/// </summary>
public sealed partial class SealedActTests
{
    [Fact]
    public async Task A_suspension_and_a_revocation_are_records_of_the_node_s_log_()
    {
        using var folder = new TemporaryFolder();
        using var logKey = LogKey.Create();
        const string origin = "test.example/audit/2026/n1";
        var vkey = logKey.Verifier(origin);
        var status = folder.At("status.db");
        StatusStore.Open(new StoreSettings { File = status }, TimeProvider.System).Dispose();
        await using (
            var log = LedgerWriter.Open(
                new LedgerOptions
                {
                    Directory = folder.At("ledger"),
                    Origin = origin,
                    SegmentBytes = 1 << 20,
                },
                logKey,
                TimeProvider.System
            )
        )
        {
            await using var server = LedgerSocketServer.Listen(
                log,
                folder.At("ledger.sock"),
                LocalPeer.Of(authority: uint.MaxValue, console: uint.MaxValue, administrator: geteuid())
            );
            string[] ledger = ["--ledger-socket", folder.At("ledger.sock"), "--vkey", vkey.ToString(), "--status-file", status];
            (await Ctl.Run(["suspend", "client", "anss-batch", "--reason", "key-leak", "--by", "op-1", .. ledger])).Ended(0);
            (await Ctl.Run(["token", "revoke", "some-jti", "--by", "op-2", .. ledger])).Ended(0);
            await log.WhenPublished(3);
        }
        var records = LogReader
            .Open(folder.At("ledger"), vkey)
            .Entries()
            .Select(static entry => JsonNode.Parse(entry.Text.Span)!)
            .Where(static record => (string?)record["ev"] == "suspend")
            .ToArray();
        Assert.Equal(
            ["client anss-batch suspend op-1 key-leak", "token some-jti revoke op-2 "],
            records.Select(static record => $"{record["kind"]} {record["what"]} {record["act"]} {record["by"]} {record["det"]}")
        );
    }

    [Fact]
    public async Task A_suspension_is_in_force_although_the_ledger_is_away_and_the_command_says_that_it_is_not_sealed()
    {
        using var folder = new TemporaryFolder();
        using var logKey = LogKey.Create();
        var status = folder.At("status.db");
        StatusStore.Open(new StoreSettings { File = status }, TimeProvider.System).Dispose();
        var outcome = await Ctl.English(
            "suspend",
            "client",
            "anss-batch",
            "--reason",
            "key-leak",
            "--status-file",
            status,
            "--ledger-socket",
            folder.At("none.sock"),
            "--vkey",
            logKey.Verifier("test.example/n1").ToString()
        );
        Assert.Contains("in force, but the access log did not seal it", outcome.Ended(1).Error, StringComparison.Ordinal);
        using var list = StatusStore.Open(new StoreSettings { File = status }, TimeProvider.System);
        Assert.True(list.Current.IsSuspended(StoppedKind.Client, "anss-batch"));
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}
