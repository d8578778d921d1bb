using System.Threading.Channels;

namespace Ledger.Local;

/// <summary>One connection to the owner of the log: requests go out one by one, answers come back in the same order.</summary>
internal sealed class LocalConnection(Stream stream, TimeProvider time)
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly byte[] Lost = [LocalProtocol.Unavailable];
    private readonly Queue<(TaskCompletionSource<byte[]> Answer, long Since)> waiting = new();
    private readonly Channel<byte[]> requests = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private bool ended;

    /// <summary>How long the oldest request has been waiting.</summary>
    public TimeSpan OldestWait
    {
        get
        {
            lock (waiting)
            {
                return waiting.TryPeek(out var oldest) ? time.GetElapsedTime(oldest.Since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Sends a request; its answer, or <see cref="LocalProtocol.Unavailable"/> when the connection is lost before it comes.</summary>
    public Task<byte[]> Send(byte[] request)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting)
        {
            if (ended || !requests.Writer.TryWrite(request))
            {
                return Task.FromResult(Lost);
            }

            waiting.Enqueue((answer, time.GetTimestamp()));
        }

        return answer.Task;
    }

    /// <summary>Sends requests and takes answers until the connection ends; then fails whatever still waits.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var sending = Write(cancel);
        try
        {
            while (await LocalProtocol.Read(stream, LongestAnswer, cancel) is { } answer)
            {
                Take().SetResult(answer);
            }
        }
        finally
        {
            // A record whose answer is missing may have been sealed all the same: it is not known, so it is not confirmed.
            End();
            await sending;
        }
    }

    private TaskCompletionSource<byte[]> Take()
    {
        lock (waiting)
        {
            return waiting.TryDequeue(out var oldest) ? oldest.Answer : throw new InvalidDataException("An answer without a request.");
        }
    }

    private async Task Write(CancellationToken cancel)
    {
        try
        {
            await foreach (var request in requests.Reader.ReadAllAsync(cancel))
            {
                await stream.WriteAsync(request, cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The reading side sees the same end and fails what waits.
        }
    }

    private void End()
    {
        lock (waiting)
        {
            ended = true;
            requests.Writer.TryComplete();
            while (waiting.TryDequeue(out var lost))
            {
                lost.Answer.SetResult(Lost);
            }
        }
    }
}
