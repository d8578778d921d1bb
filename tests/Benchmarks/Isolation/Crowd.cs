using System.Net;

namespace Benchmarks.Isolation;

/// <summary>Many callers of one client that never rest: each asks again as soon as it was answered, whatever the answer.</summary>
/// <param name="client">Their connections.</param>
/// <param name="callers">How many they are.</param>
/// <param name="next">The next question.</param>
internal sealed class Crowd(HttpMessageInvoker client, int callers, Func<HttpRequestMessage> next)
{
    private long _answered,
        _refused,
        _broken;

    /// <summary>Answers of status 200.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Answers of another status.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Calls without an answer.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>Asks until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => AskAsync(stop), CancellationToken.None)));

    private async Task AskAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = next();
                using var response = await client.SendAsync(request, stop);
                await response.Content.CopyToAsync(Stream.Null, CancellationToken.None);
                Interlocked.Increment(ref response.StatusCode == HttpStatusCode.OK ? ref _answered : ref _refused);
            }
            catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
            {
                if (stop.IsCancellationRequested)
                    return;
                Interlocked.Increment(ref _broken);
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }
}
