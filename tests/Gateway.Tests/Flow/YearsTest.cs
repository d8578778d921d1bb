using System.Text.Json;
using Gateway.Audit;
using Ledger;
using Ledger.Tiles;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>A new year's log begins where the old one ended (ledger page §5), as the gateway's configuration says.</summary>
public sealed class YearsTest : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("years-").FullName;
    private readonly LogKey _old = LogKey.Create(),
        _new = LogKey.Create();

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_first_record_of_a_new_year_names_the_final_checkpoint_of_the_old_one()
    {
        var options = await OldYear();
        await Run(LedgerPlace.Options(options, "QaRUpB3iDFCwyTjfBkcXxg"), _new);
        var first = LogReader.Open(options.Ledger, _new.Verifier(options.LedgerOrigin)).Entry(0);
        var previous = JsonSerializer.Deserialize<JsonElement>(first.Text.Span).GetProperty("prev");
        var ended = LogReader.Open(At("2026"), _old.Verifier("anss.example/audit/2026/n1")).Checkpoint;
        Assert.Equal(
            ("anss.example/audit/2026/n1", ended.Size),
            (previous.GetProperty("log").GetString(), previous.GetProperty("size").GetInt64())
        );
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(ended.Root.AsSpan()), previous.GetProperty("root").GetString());
    }

    [Fact]
    public async Task A_checkpoint_that_the_old_key_did_not_sign_or_that_is_of_this_log_begins_no_year()
    {
        var options = await OldYear();
        options.LedgerPreviousKey = _new.Verifier("anss.example/audit/2026/n1").ToString();
        Assert.Throws<InvalidOperationException>(() => LedgerPlace.Options(options, "x"));
        options.LedgerPreviousKey = "";
        Assert.Throws<InvalidOperationException>(() => LedgerPlace.Options(options, "x"));
        options.LedgerPreviousKey = _old.Verifier("anss.example/audit/2026/n1").ToString();
        options.LedgerOrigin = "anss.example/audit/2026/n1";
        Assert.Throws<InvalidOperationException>(() => LedgerPlace.Options(options, "x"));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private async Task<GatewayOptions> OldYear()
    {
        await Run(new LedgerOptions { Directory = At("2026"), Origin = "anss.example/audit/2026/n1" }, _old);
        return new GatewayOptions
        {
            Ledger = At("2027"),
            LedgerOrigin = "anss.example/audit/2027/n1",
            LedgerPrevious = Path.Combine(At("2026"), "checkpoint"),
            LedgerPreviousKey = _old.Verifier("anss.example/audit/2026/n1").ToString(),
        };
    }

    private static async Task Run(LedgerOptions options, LogKey key)
    {
        Directory.CreateDirectory(options.Directory);
        (options.SegmentBytes, options.SpareSegments) = (1 << 20, 1);
        await using var writer = LedgerWriter.Open(options, key, TimeProvider.System);
        await writer.WhenPublished(1);
    }
}
