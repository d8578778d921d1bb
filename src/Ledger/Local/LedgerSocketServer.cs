using System.Net.Sockets;
using System.Threading.Channels;

namespace Ledger.Local;

/// <summary>
/// Lets other processes of this node seal records in the same log through <c>ledger.sock</c> (ledger page §15). Who may write what is
/// decided by the user id that the kernel gives for the other end, never by what the other end says.
/// </summary>
public sealed class LedgerSocketServer : IAsyncDisposable
{
    private const int MostWaiting = 256;
    private const string Loop = "ledger-socket";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly LedgerWriter _ledger;
    private readonly IReadOnlyList<LocalPeer> _peers;
    private readonly Socket _listener;
    private readonly string _path;
    private readonly LoopReport? _report;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private LedgerSocketServer(LedgerWriter ledger, IReadOnlyList<LocalPeer> peers, Socket listener, string path, LoopReport? report)
    {
        (this._ledger, this._peers, this._listener, this._path, this._report) = (ledger, peers, listener, path, report);
        _accepting = Task.Run(Accept);
    }

    /// <summary>Listens. The socket file gets mode 0660 before anybody can connect; a stale one is replaced.</summary>
    /// <param name="ledger">The writer that seals.</param>
    /// <param name="path">Socket file, at most about 100 bytes, in a folder that only the peers can enter.</param>
    /// <param name="peers">Who may write what; anybody else is disconnected.</param>
    /// <param name="report">Is told when no connection can be taken, and of connections that end in a fault of ours.</param>
    public static LedgerSocketServer Listen(LedgerWriter ledger, string path, IReadOnlyList<LocalPeer> peers, LoopReport? report = null)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(
                    path,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
                );
            }

            socket.Listen(16);
            return new LedgerSocketServer(ledger, peers, socket, path, report);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops listening and cuts the connections. Appends already queued are sealed all the same; their answers may not arrive.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
        File.Delete(_path);
    }

    private async Task Accept()
    {
        var serving = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                serving.RemoveAll(static task => task.IsCompleted);
                serving.Add(ServeOrReport(socket));
                _report?.Invoke(Loop, null);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Too many open files, as a rule: the other programs of the node can seal again as soon as some are free.
                _report?.Invoke(Loop, e);
                await Task.Delay(Pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                break; // the end of the program
            }
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeOrReport(Socket socket)
    {
        try
        {
            await Serve(socket);
        }
        catch (Exception e)
        {
            _report?.Invoke(Loop, e);
        }
    }

    private async Task Serve(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var answers = Channel.CreateBounded<Task<byte[]>>(MostWaiting);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var rules = RulesFor(socket);
        if (rules.Length == 0)
        {
            return;
        }

#pragma warning disable CA2025 // Awaited in the finally block, before anything is disposed of.
        var writing = Write(stream, answers.Reader, ending);
#pragma warning restore CA2025
        try
        {
            while (await LocalProtocol.Read(stream, LocalProtocol.Longest, ending.Token) is { } request)
            {
                await answers.Writer.WriteAsync(Seal(request, rules), ending.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or InvalidDataException)
        {
            // The peer went away or sent what it may not. What it has asked for already is sealed all the same.
            await ending.CancelAsync();
        }
        finally
        {
            answers.Writer.TryComplete();
            await writing;
        }
    }

    private LocalPeer[] RulesFor(Socket socket)
    {
        try
        {
            var uid = LocalPeer.UidOf(socket);
            return [.. _peers.Where(peer => peer.Uid == uid)];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static async Task Write(NetworkStream stream, ChannelReader<Task<byte[]>> answers, CancellationTokenSource ending)
    {
        try
        {
            await foreach (var answer in answers.ReadAllAsync(ending.Token))
            {
                await stream.WriteAsync(await answer, ending.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            await ending.CancelAsync();
        }
    }

    private async Task<byte[]> Seal(byte[] request, LocalPeer[] rules)
    {
        if (!LocalProtocol.TryRecords(request, out var records))
        {
            return LocalProtocol.Answer(LocalProtocol.Refused);
        }

        var essential = true;
        foreach (var record in records)
        {
            var rule = rules.FirstOrDefault(rule => rule.Allows(record.Text.Span));
            if (rule is null)
            {
                return LocalProtocol.Answer(LocalProtocol.Refused);
            }

            essential &= rule.Essential;
        }

        if (!_ledger.TryReserve(records.Count, essential, out var seats))
        {
            return LocalProtocol.Answer(LocalProtocol.Unavailable);
        }

        try
        {
            return LocalProtocol.Answer((await _ledger.AppendAsync(seats, records))[0]);
        }
        catch (Exception e) when (e is LedgerUnavailable or ArgumentException)
        {
            return LocalProtocol.Answer(e is ArgumentException ? LocalProtocol.Refused : LocalProtocol.Unavailable);
        }
        finally
        {
            seats.Dispose();
        }
    }
}
