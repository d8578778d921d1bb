using System.Diagnostics;

namespace Benchmarks.Exchange;

/// <summary>A run's figures.</summary>
public sealed record Figures(long Requests, double Seconds, TimeSpan Cpu, double[] Milliseconds)
{
    public double PerSecond => Requests / Seconds;
    public double CpuSecondsPerThousand => Cpu.TotalSeconds / Requests * 1000;

    public double Percentile(double p) => Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(p * Milliseconds.Length))];
}

/// <summary>The load generator: keep-alive connections over mutual TLS, bounded in count and time, loopback only.</summary>
public sealed class Load(HttpMessageInvoker client, Func<int, HttpRequestMessage> next)
{
    /// <summary>As fast as it goes: each connection sends its next request when the last is answered.</summary>
    public async Task<Figures> SaturateAsync(Contender contender, int connections, TimeSpan duration)
    {
        var counts = new long[connections];
        var cpu = contender.Cpu;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(async lane =>
                {
                    while (watch.Elapsed < duration)
                    {
                        await OneAsync(lane);
                        counts[lane]++;
                    }
                })
        );
        return new Figures(counts.Sum(), watch.Elapsed.TotalSeconds, contender.Cpu - cpu, []);
    }

    /// <summary>At a fixed arrival rate; latency counts from the intended start, so a stall is not forgiven.</summary>
    public async Task<Figures> ArriveAsync(Contender contender, int perSecond, TimeSpan duration)
    {
        var total = (int)(perSecond * duration.TotalSeconds);
        var latencies = new double[total];
        var cpu = contender.Cpu;
        var watch = Stopwatch.StartNew();
        var pending = new List<Task>(total);
        for (var i = 0; i < total; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (watch.Elapsed < due)
            {
                if (due - watch.Elapsed > TimeSpan.FromMilliseconds(2))
                    await Task.Delay(1);
                else
                    Thread.SpinWait(20);
            }

            pending.Add(TimedAsync(i, due));
        }

        await Task.WhenAll(pending);
        Array.Sort(latencies);
        return new Figures(total, watch.Elapsed.TotalSeconds, contender.Cpu - cpu, latencies);

        async Task TimedAsync(int i, TimeSpan due)
        {
            await OneAsync(i);
            latencies[i] = (watch.Elapsed - due).TotalMilliseconds;
        }
    }

    private async Task OneAsync(int lane)
    {
        using var request = next(lane);
        using var response = await client.SendAsync(request, CancellationToken.None);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        await response.Content.CopyToAsync(Stream.Null);
    }
}
