using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Ledger.Notes;

namespace Ledger.Local;

/// <summary>
/// The ledger as seen from another process of the same node (ledger page §15): records go through <c>ledger.sock</c> into the log of the
/// process that owns it. Connects by itself, again after every loss; while there is no connection, or the other end does not answer within
/// a second, nothing can be reserved.
/// </summary>
public sealed class LedgerSocketClient : ILedger, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(1);
    private readonly string _path;
    private readonly VerifierKey _key;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private int _free;
    private volatile LocalConnection? _connection;

    /// <param name="path">The socket file.</param>
    /// <param name="key">The log's key: every answer must carry a checkpoint that it signed.</param>
    /// <param name="time">Clock.</param>
    /// <param name="seats">Records that may be reserved or waiting.</param>
    public LedgerSocketClient(string path, VerifierKey key, TimeProvider time, int seats = 1024)
    {
        (this._path, this._key, this._time, _free) = (path, key, time, seats);
        _running = Task.Run(Run);
    }

    /// <inheritdoc/>
    public string Origin => _key.Name;

    /// <inheritdoc/>
    public LedgerState State =>
        _stopping.IsCancellationRequested ? LedgerState.Closed
        : _connection is { } open && open.OldestWait < Stalled ? LedgerState.Open
        : LedgerState.Healing;

    /// <summary>Always null: this process sees receipts, the owner publishes.</summary>
    public PublishedCheckpoint? Published => null;

    /// <inheritdoc/>
    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(records, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records, LedgerWriter.LargestAppend);
        reservation = null;
        if (State != LedgerState.Open)
        {
            return false;
        }

        if (Interlocked.Add(ref _free, -records) < 0)
        {
            Interlocked.Add(ref _free, records);
            return false;
        }

        reservation = new Seat(this, records);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
    {
        if (reservation is not Seat seat || seat.Owner != this || records.Count < 1 || records.Count > seat.Records)
        {
            throw new ArgumentException("The reservation is of another ledger, or for another number of records.", nameof(reservation));
        }

        if (!seat.TryUse())
        {
            throw new InvalidOperationException("The reservation was used or given back before.");
        }

        try
        {
            var answer = _connection is { } open ? await open.Send(LocalProtocol.Request(records)) : [LocalProtocol.Unavailable];
            if (!LocalProtocol.TryHead(answer, _key, out var head, out var first) || first + records.Count > head!.Size)
            {
                throw new LedgerUnavailable(
                    answer[0] == LocalProtocol.Refused
                        ? "the ledger's owner does not take these records from this process"
                        : "the record is not known to be durable"
                );
            }

            return [.. records.Select((record, i) => new Receipt(head, first + i, records.Count, record.Leaf))];
        }
        finally
        {
            Interlocked.Add(ref _free, seat.Records);
        }
    }

    /// <summary>Closes the connection; what waits gets <see cref="LedgerUnavailable"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await using var stream = new NetworkStream(await Connect(socket), ownsSocket: true);
                var open = new LocalConnection(stream, _time);
                _connection = open;
                await open.Run(_stopping.Token);
            }
            catch (Exception)
            {
                // The owner is away, or answers what nobody understands: try again. Meanwhile nothing can be reserved, which readiness
                // shows.
            }

            _connection = null;
            await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Socket> Connect(Socket socket)
    {
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), _stopping.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class Seat(LedgerSocketClient owner, int records) : Reservation(records)
    {
        public LedgerSocketClient Owner { get; } = owner;

        private protected override void GiveBack() => Interlocked.Add(ref Owner._free, Records);
    }
}
