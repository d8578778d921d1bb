using System.Text;
using System.Text.Json;
using Ledger;
using Ledger.Local;
using Ledger.Subjects;

namespace Admin.Tests.LedgerTasks;

/// <summary><c>gatewayctl ledger shard</c> and <c>ledger erase</c>: what must go goes with two approvals, what is held stays.</summary>
[Collection(nameof(TheTown))]
public sealed class ShardCommandsTest(TheTown town) : IAsyncLifetime
{
    private const string Origin = "anss.example/audit/2015/n1",
        NextOrigin = "anss.example/audit/2026/n1";
    private readonly TemporaryFolder _folder = new();
    private readonly LogKey _oldKey = LogKey.Create(),
        _newKey = LogKey.Create();
    private LedgerWriter _current = null!;
    private LedgerSocketServer _socket = null!;
    private string _det = "";

    public async ValueTask InitializeAsync()
    {
        var then = new Then();
        await using (var old = LedgerWriter.Open(Options("2015", Origin), _oldKey, then))
            await Seal(
                old,
                """{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2015-10-15T09:12:33.104Z","agr":"ANSS-MENPS-2026-01@1","out":"permit","st":200}"""
            );
        _current = LedgerWriter.Open(Options("2026", NextOrigin), _newKey, TimeProvider.System);
        _socket = LedgerSocketServer.Listen(_current, _folder.At("s"), [new LocalPeer(Posix.UserId, ["erase", "officer.*"])]);
        _det = new DetachedTexts(_folder.At("texts")).Save("an officer's reason of many words");
        await Seal(
            _current,
            $$"""{"v":1,"ev":"officer.view","id":"01M4ZDBB2GDE3B4WZZ6KYE37BC","ts":"2026-11-03T09:12:33.104Z","off":"off-07","rows":1,"det":"{{_det}}"}"""
        );
        var lines = new List<string>();
        foreach (var op in new[] { "op-1", "op-2" })
            lines.Add((string)(await Ctl.Run("operator", "new", op, "--out", _folder.Path, "--json")).Ended(0).Json["line"]!);
        _folder.Write("operators", string.Join('\n', lines) + "\n");
        _folder.Write("none.json", "[]");
        _folder.Write(
            "held.json",
            """[{"id":"court-17","from":"2015-10-01","to":"2015-10-31"},{"id":"court-18","from":"2026-11-01","to":"2026-11-30"}]"""
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        await _current.DisposeAsync();
        _oldKey.Dispose();
        _newKey.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_year_is_closed_then_destroyed_by_two_operators_and_leaves_a_certificate()
    {
        (await Ctl.Run(["ledger", "shard", "close", .. Log, "--kept", _folder.At("kept")])).Ended(0);
        string[] destroy = await Destroy("none.json");
        Assert.NotEqual(0, (await Ctl.Run(destroy[..^2])).Exit); // one approval
        Assert.True(Directory.Exists(_folder.At("2015/tile/entries")));
        var done = (await Ctl.Run([.. destroy, "--json"])).Ended(0);
        Assert.False(Directory.Exists(_folder.At("2015/tile/entries")));
        Assert.True(
            Ledger.Retention.DestructionCertificate.TryParse(
                await File.ReadAllTextAsync((string)done.Json["certificate"]!),
                out var certificate
            )
        );
        Assert.True(
            certificate.Holds(Ledger.Notes.TrustPolicy.Of(_oldKey.Verifier(Origin), _newKey.Verifier(NextOrigin)), out var sentence),
            sentence
        );
        Assert.Contains("op-1", certificate.Statement, StringComparison.Ordinal);
        Assert.Contains("op-2", certificate.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_year_under_a_legal_hold_is_not_destroyed_whoever_approves()
    {
        (await Ctl.Run(["ledger", "shard", "close", .. Log, "--kept", _folder.At("kept")])).Ended(0);
        var refused = await Ctl.Run(await Destroy("held.json"));
        Assert.NotEqual(0, refused.Exit);
        Assert.Contains("court-17", refused.Error, StringComparison.Ordinal);
        Ledger.Tiles.LogReader.Open(_folder.At("2015"), _oldKey.Verifier(Origin)).Verify();
        Assert.Empty(Directory.GetFiles(_folder.At("kept"), "*.destroyed.json"));
    }

    [Fact]
    public async Task A_text_is_erased_by_two_operators_and_the_erasure_is_sealed()
    {
        string[] erase =
        [
            "ledger",
            "erase",
            "--log",
            _folder.At("2026"),
            "--vkey",
            _current.Key.ToString(),
            "--record",
            "1",
            "--texts",
            _folder.At("texts"),
            "--ledger-socket",
            _folder.At("s"),
            .. await Approvals("text", NextOrigin + ":1"),
        ];
        var held = await Ctl.Run([.. erase, "--holds", _folder.At("held.json")]);
        Assert.Contains("court-18", held.Error, StringComparison.Ordinal);
        Assert.NotNull(new DetachedTexts(_folder.At("texts")).Read(_det));
        var done = (await Ctl.Run([.. erase, "--holds", _folder.At("none.json"), "--json"])).Ended(0);
        Assert.Null(new DetachedTexts(_folder.At("texts")).Read(_det));
        var index = (long)done.Json["sealed"]!["index"]!;
        await _current.WhenPublished(index + 1);
        var record = JsonSerializer.Deserialize<JsonElement>(
            Ledger.Tiles.LogReader.Open(_folder.At("2026"), _current.Key).Entry(index).Text.Span
        );
        Assert.Equal(
            ("erase", "text", _det),
            (record.GetProperty("ev").GetString(), record.GetProperty("what").GetString(), record.GetProperty("det").GetString())
        );
    }

    private string[] Log => ["--log", _folder.At("2015"), "--vkey", _oldKey.Verifier(Origin).ToString()];

    private async Task<string[]> Destroy(string holds) =>
        [
            "ledger",
            "shard",
            "destroy",
            .. Log,
            "--vkey",
            _current.Key.ToString(),
            "--kept",
            _folder.At("kept"),
            "--current",
            _folder.At("2026"),
            "--contracts",
            town.Contracts,
            "--holds",
            _folder.At(holds),
            "--ledger-socket",
            _folder.At("s"),
            .. await Approvals("log", Origin),
        ];

    private async Task<string[]> Approvals(string kind, string id)
    {
        foreach (var op in new[] { "op-1", "op-2" })
            (
                await Ctl.Run(
                    "approve",
                    "destroy",
                    kind,
                    id,
                    "--operator",
                    op,
                    "--key",
                    _folder.At(op + ".key"),
                    "--out",
                    _folder.At($"{op}.{kind}")
                )
            ).Ended(0);
        return ["--operators", _folder.At("operators"), "--approval", _folder.At($"op-1.{kind}"), "--approval", _folder.At($"op-2.{kind}")];
    }

    private LedgerOptions Options(string name, string origin) =>
        new()
        {
            Directory = _folder.At(name),
            Origin = origin,
            SegmentBytes = 1 << 20,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
        };

    private static async Task Seal(LedgerWriter writer, string text)
    {
        Assert.True(writer.TryReserve(1, out var seat));
        using (seat)
            await writer.WhenPublished((await writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size);
    }

    /// <summary>A day of 2015.</summary>
    private sealed class Then : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2015, 10, 15, 10, 0, 0, TimeSpan.Zero);
    }
}
