using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tokens.Replay;
using Tokens.Status;
using Tokens.Stores;

namespace Tokens.Tests.Support;

/// <summary>What another process is to do with a store.</summary>
/// <param name="What"><c>reserve</c>: until it is killed; <c>race</c>: the same ids as everybody else; <c>suspend</c>: one client,
/// once.</param>
/// <param name="Store">The store.</param>
/// <param name="Record">File to which it writes what it was told, each line in one call: a kill leaves whole lines.</param>
internal sealed record Order(string What, StoreSettings Store, string Record);

/// <summary>This very program as another process, started with an order in its environment.</summary>
internal static class OtherProcess
{
    public const string Variable = "STORE_ORDER";
    public const int Rounds = 400;
    public const int Copies = 48;
    private static readonly Lock Writing = new();

    public static Process Start(Order order)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Tokens.Tests")) { UseShellExecute = false };
        start.Environment[Variable] = JsonSerializer.Serialize(order);
        return Process.Start(start)!;
    }

    public static ReplayKey Key(string name) => ReplayKey.Of(ReplayKind.Assertion, "anss-one", name);

    public static DateTimeOffset Soon => TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(10);

    public static async Task<int> Run(string text)
    {
        var order = JsonSerializer.Deserialize<Order>(text)!;
        if (order.What == "suspend")
        {
            using var status = StatusStore.Open(order.Store, TimeProvider.System);
            await status.Suspend(StoppedKind.Client, "anss-other", "drill");
            return 0;
        }
        using var guard = ReplayStore.Open(order.Store, TimeProvider.System);
        await using var record = new FileStream(order.Record, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
        if (order.What == "race")
            await Race(guard, record);
        else
            await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(() => Reserve(guard, record, caller))));
        return 0;
    }

    private static async Task Race(IReplayGuard guard, FileStream record)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var key = Key(round.ToString(CultureInfo.InvariantCulture));
            var answers = await Task.WhenAll(
                Enumerable.Range(0, Copies).Select(_ => Task.Run(() => guard.ReserveAsync(key, Soon).AsTask()))
            );
            Write(record, string.Create(CultureInfo.InvariantCulture, $"{round} {answers.Count(static won => won)}"));
        }
    }

    private static async Task Reserve(IReplayGuard guard, FileStream record, int caller)
    {
        for (var number = 0; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.{caller}.{number}");
            try
            {
                if (await guard.ReserveAsync(Key(name), Soon))
                    Write(record, name);
            }
            catch (ReplayUnavailable)
            {
                await Task.Delay(5);
            }
        }
    }

    private static void Write(FileStream record, string line)
    {
        var bytes = Encoding.ASCII.GetBytes(line + "\n");
        lock (Writing)
            record.Write(bytes);
    }
}
