using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>Waits for what comes about by itself. How fast is for benchmarks to say.</summary>
internal static class Soon
{
    public static async Task Holds(Func<Task<bool>> holds, string what)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"it did not come about in fifteen seconds: {what}");
    }
}
