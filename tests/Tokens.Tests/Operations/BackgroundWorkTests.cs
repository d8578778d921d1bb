using Tokens.Operations;
using Xunit;

namespace Tokens.Tests.Operations;

public sealed class BackgroundWorkTests
{
    [Fact]
    public async Task A_failing_loop_is_named_counted_and_well_again_after_a_round_that_holds()
    {
        using var background = new BackgroundWork();
        using var page = new PrometheusPage(static meter => meter == BackgroundWork.MeterName);
        Assert.Null(background.Failing);
        Assert.False(await background.RunAsync("one", static () => throw new NotSupportedException()));
        Assert.False(await background.RunAsync("one", static () => throw new NotSupportedException()));
        Assert.True(await background.RunAsync("two", static () => Task.CompletedTask));
        Assert.Equal("failing, tried again: one", background.Failing);
        Assert.Contains("background_faults_total{loop=\"one\",error=\"NotSupportedException\"} 2", page.Write(), StringComparison.Ordinal);
        Assert.True(await background.RunAsync("one", static () => Task.CompletedTask));
        Assert.Null(background.Failing);
        Assert.Contains("background_failing{loop=\"one\"} 0", page.Write(), StringComparison.Ordinal);
    }
}
