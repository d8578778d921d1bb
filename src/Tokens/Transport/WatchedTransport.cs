using System.IO.Pipelines;

namespace Tokens.Transport;

/// <summary>The bytes of a connection as they come: a piece of the handshake waits for its turn; after it each read is noted.</summary>
/// <param name="transport">The connection's own.</param>
/// <param name="seat">Its place.</param>
internal sealed class WatchedTransport(IDuplexPipe transport, ConnectionSeat seat) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = transport.Input;

    public PipeReader Input => this;

    public PipeWriter Output => transport.Output;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (seat.Phase != ConnectionPhase.Established)
            return ReadInTurn(cancellationToken);
        seat.Hear(); // whoever reads on has had something, and waits from now on
        return _input.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result) => _input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _input.CompleteAsync(exception);

    private async ValueTask<ReadResult> ReadInTurn(CancellationToken cancellation)
    {
        seat.Wait();
        var read = await _input.ReadAsync(cancellation);
        if (!read.Buffer.IsEmpty)
            await seat.Compute(cancellation);
        return read;
    }
}
