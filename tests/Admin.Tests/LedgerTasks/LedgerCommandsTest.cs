using System.Text;
using Ledger;
using Ledger.Local;

namespace Admin.Tests.LedgerTasks;

/// <summary><c>gatewayctl ledger</c> on a real log.</summary>
public sealed class LedgerCommandsTest : IAsyncLifetime
{
    private const string Origin = "anss.example/audit/2026/n1";
    private readonly TemporaryFolder _folder = new();
    private readonly LogKey _key = LogKey.Create();
    private LedgerWriter _writer = null!;

    private string[] Log => ["--log", _folder.At("log"), "--vkey", _writer.Key.ToString()];

    public async ValueTask InitializeAsync()
    {
        _writer = Open();
        long size = 0;
        for (var i = 0; i < 300; i++)
        {
            Assert.True(_writer.TryReserve(1, out var seat));
            var text =
                $$"""{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE3{{i:000}}","ts":"2026-10-15T09:12:33.104Z","org":"anss","cli":"c","out":"permit","st":200}""";
            size = (await _writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await _writer.WhenPublished(size);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_log_is_verified_and_a_changed_record_is_named()
    {
        var well = (await Ctl.English(["ledger", "verify", .. Log])).Ended(0);
        Assert.Contains($"the access log {Origin} is verified under root ", well.Out, StringComparison.Ordinal);
        Assert.Contains("; records, all unchanged: 301.", well.Out, StringComparison.Ordinal);
        var bundle = _folder.At("log/tile/entries/000");
        var bytes = await File.ReadAllBytesAsync(bundle);
        bytes[500] ^= 1;
        File.Delete(bundle);
        await File.WriteAllBytesAsync(bundle, bytes);
        Assert.Contains("tile/entries/000", (await Ctl.Run(["ledger", "verify", .. Log])).Ended(1).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proof_is_written_that_the_verifier_accepts()
    {
        (await Ctl.Run(["ledger", "prove", "42", .. Log, "--out", _folder.At("p.tlog-proof")])).Ended(0);
        var entry = Ledger.Tiles.LogReader.Open(_folder.At("log"), _writer.Key).Entry(42);
        await File.WriteAllBytesAsync(_folder.At("entry"), entry.Text.ToArray());
        using var said = new StringWriter();
        Assert.True(
            Verifier.CommandLine.Run(
                ["proof", _folder.At("p.tlog-proof"), "--entry", _folder.At("entry"), "--vkey", _writer.Key.ToString()],
                said
            ) == 0,
            said.ToString()
        );
        (await Ctl.Run(["ledger", "prove", "4200", .. Log])).Ended(1);
    }

    [Fact]
    public async Task Reindexing_fills_the_index_and_status_says_how_far_it_is()
    {
        var index = _folder.At("index");
        var done = (await Ctl.Run(["ledger", "reindex", .. Log, "--index", index, "--json"])).Ended(0);
        Assert.Equal(301, (long)done.Json["records"]!);
        var status = (await Ctl.Run(["ledger", "status", .. Log, "--index", index, "--json"])).Ended(0);
        Assert.Equal(301, (long)status.Json["logs"]![0]!["indexed"]!);
        Assert.True((bool)status.Json["logs"]![0]!["running"]!);
    }

    [Fact]
    public async Task An_export_is_sealed_before_its_file_is_there_and_without_a_seal_there_is_none()
    {
        string[] export =
        [
            "ledger",
            "export",
            .. Log,
            "--record",
            "7",
            "--record",
            "9",
            .. await TheOfficer.In(_folder),
            "--ledger-socket",
            _folder.At("s"),
        ];
        await using (LedgerSocketServer.Listen(_writer, _folder.At("s"), [new LocalPeer(Uid(), ["officer.*"])]))
        {
            (await Ctl.Run([.. export, "--out", _folder.At("pack.zip")])).Ended(0);
        }

        using var said = new StringWriter();
        Assert.True(Verifier.CommandLine.Run(["pack", _folder.At("pack.zip"), "--vkey", _writer.Key.ToString()], said) == 0, said.ToString());
        (await Ctl.Run([.. export, "--out", _folder.At("other.zip")])).Ended(2);
        Assert.False(File.Exists(_folder.At("other.zip")));
    }

    [Fact]
    public async Task Rows_of_a_query_are_exported_and_sealed_twice()
    {
        (await Ctl.Run(["ledger", "reindex", .. Log, "--index", _folder.At("index")])).Ended(0);
        string[] export =
        [
            "ledger",
            "export",
            "rows",
            .. Log,
            "--index",
            _folder.At("index"),
            "--client",
            "c",
            .. await TheOfficer.In(_folder),
            "--ledger-socket",
            _folder.At("s"),
            "--out",
            _folder.At("rows.csv"),
            "--lang",
            "en",
        ];
        await using (LedgerSocketServer.Listen(_writer, _folder.At("s"), [new LocalPeer(Uid(), ["officer.*"])]))
        {
            var done = (await Ctl.Run([.. export, "--json"])).Ended(0);
            Assert.Equal((300, 302), ((long)done.Json["rows"]!, (long)done.Json["sealed"]!["index"]!));
            Assert.Equal(301, (await File.ReadAllLinesAsync(_folder.At("rows.csv"))).Length);
            File.Delete(_folder.At("rows.csv"));
        }

        (await Ctl.Run(export)).Ended(2);
        Assert.False(File.Exists(_folder.At("rows.csv")));
    }

    [Fact]
    public async Task A_feed_catches_up_once_and_then_has_nothing_to_say()
    {
        string[] feed = ["ledger", "feed", .. Log, "--cursor", _folder.At("cursor"), "--file", _folder.At("ocsf.jsonl"), "--once", "--json"];
        Assert.Equal(301, (long)(await Ctl.Run(feed)).Ended(0).Json["served"]!);
        Assert.Equal(0, (long)(await Ctl.Run(feed)).Ended(0).Json["served"]!);
    }

    [Fact]
    public async Task A_log_that_is_being_written_is_not_closed()
    {
        var closed = (await Ctl.English(["ledger", "shard", "close", .. Log, "--kept", _folder.At("kept")])).Ended(2);
        Assert.Contains("still writes", closed.Error, StringComparison.Ordinal);
    }

    private LedgerWriter Open() =>
        LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At("log"),
                Origin = Origin,
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            _key,
            TimeProvider.System
        );

    private static uint Uid() =>
        uint.Parse(
            File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );
}
