using System.Threading.Channels;

namespace Ledger.Local;

/// <summary>One connection to the owner of the log: requests go out one by one, answers come back in the same order.</summary>
internal sealed class LocalConnection(Stream stream, TimeProvider time)
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly byte[] Lost = [LocalProtocol.Unavailable];
    private readonly Queue<(TaskCompletionSource<byte[]> Answer, long Since)> _waiting = new();
    private readonly Channel<byte[]> _requests = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private bool _ended;

    /// <summary>How long the oldest request has been waiting.</summary>
    public TimeSpan OldestWait
    {
        get
        {
            lock (_waiting)
            {
                return _waiting.TryPeek(out var oldest) ? time.GetElapsedTime(oldest.Since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>
    /// Sends a request; its answer, or <see cref="LocalProtocol.Unavailable"/> when the connection is lost before it comes.
    /// </summary>
    public Task<byte[]> Send(byte[] request)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_ended || !_requests.Writer.TryWrite(request))
            {
                return Task.FromResult(Lost);
            }

            _waiting.Enqueue((answer, time.GetTimestamp()));
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
        lock (_waiting)
        {
            return _waiting.TryDequeue(out var oldest) ? oldest.Answer : throw new InvalidDataException("An answer without a request.");
        }
    }

    private async Task Write(CancellationToken cancel)
    {
        try
        {
            await foreach (var request in _requests.Reader.ReadAllAsync(cancel))
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
        lock (_waiting)
        {
            _ended = true;
            _requests.Writer.TryComplete();
            while (_waiting.TryDequeue(out var lost))
            {
                lost.Answer.SetResult(Lost);
            }
        }
    }
}
