using System.Text.Json;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests;

public sealed class ClockTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_log_in_which_nothing_happens_grows_by_what_the_kernel_believes_about_its_clock()
    {
        Assert.Equal(TimeSpan.FromHours(1), Some.Options(_folder.Path).ClockEvery);
        var options = Some.Options(_folder.Path);
        options.ClockEvery = TimeSpan.FromMilliseconds(50);
        await using (var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System))
            await ledger.WhenPublished(4);
        var records = LogReader
            .Open(_folder.Path, _keys.Verifier(Some.Origin))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
            .ToList();
        var events = records.Select(static record => record.GetProperty("ev").GetString()).ToList();
        Assert.Equal(("start", "stop"), (events[0], events[^1]));
        Assert.All(records.Skip(1).SkipLast(1), static record =>
        {
            Assert.Equal("clock", record.GetProperty("ev").GetString());
            Assert.True(record.GetProperty("src").GetString() is "ntp" or "free" && record.GetProperty("est").GetInt64() >= 0);
        });
        Assert.True(events.Count >= 5);
    }
}
