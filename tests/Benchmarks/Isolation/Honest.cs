using System.Diagnostics;
using System.Net;

namespace Benchmarks.Isolation;

/// <summary>
/// What the honest client got: its answers and how long it waited for them, from the instant at which each question was due.
/// </summary>
/// <param name="Asked">Questions.</param>
/// <param name="Milliseconds">Of those that were answered, sorted.</param>
internal sealed record Got(int Asked, double[] Milliseconds)
{
    /// <summary>Share of the questions that were answered.</summary>
    public double Goodput => (double)Milliseconds.Length / Asked;

    /// <summary>Milliseconds that a share of the answers stayed within.</summary>
    public double Percentile(double share) =>
        Milliseconds.Length == 0
            ? double.PositiveInfinity
            : Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(share * Milliseconds.Length))];
}

/// <summary>
/// A client that asks at a fixed pace, whether or not it was answered: a stall is not forgiven, and a refusal is an answer lost.
/// </summary>
internal static class Honest
{
    /// <summary>Asks so many times a second.</summary>
    public static async Task<Got> AskAsync(HttpMessageInvoker client, Func<HttpRequestMessage> next, int perSecond, TimeSpan duration)
    {
        var total = (int)(perSecond * duration.TotalSeconds);
        var watch = Stopwatch.StartNew();
        var pending = new Task<double?>[total];
        for (var number = 0; number < total; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond);
            if (due - watch.Elapsed is { Ticks: > 0 } early)
                await Task.Delay(early);
            pending[number] = OneAsync(due);
        }

        return new Got(total, [.. (await Task.WhenAll(pending)).OfType<double>().Order()]);

        async Task<double?> OneAsync(TimeSpan due)
        {
            try
            {
                using var request = next();
                using var response = await client.SendAsync(request, CancellationToken.None);
                await response.Content.CopyToAsync(Stream.Null);
                return response.StatusCode == HttpStatusCode.OK ? (watch.Elapsed - due).TotalMilliseconds : null;
            }
            catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
            {
                return null;
            }
        }
    }
}
