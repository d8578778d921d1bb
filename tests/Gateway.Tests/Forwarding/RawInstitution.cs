using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Sandbox;

namespace Gateway.Tests.Forwarding;

/// <summary>
/// An institution on bare sockets: what it knows is a stand-in's, but every byte and every closing of a connection is the test's. Stands
/// where the institution's file says that it is.
/// </summary>
internal sealed partial class RawInstitution : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly string _id;
    private X509Certificate2? _certificate;
    private Town? _town;
    private Task? _accepting;
    private int _connections;

    private RawInstitution(string id)
    {
        _id = id;
        _listener.Start();
    }

    /// <summary>Questions that arrived, oldest first.</summary>
    public ConcurrentQueue<RawCall> Calls { get; } = [];

    /// <summary>Deals with a question; false closes the connection.</summary>
    public Func<RawCall, Task<bool>> Behaves { get; set; } = Answers;

    /// <summary>Answers and keeps the connection.</summary>
    public static async Task<bool> Answers(RawCall call)
    {
        await call.AnswerAsync();
        return true;
    }

    /// <summary>A town in which it stands in the place of <paramref name="institution"/>.</summary>
    public static async Task<(Town Town, RawInstitution Institution)> StartAsync(
        string institution,
        Action<string>? contracts = null,
        Action<Ledger.LedgerOptions>? ledger = null
    )
    {
        var raw = new RawInstitution(institution);
        var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureLedger = options =>
                {
                    options.PublishEvery = TimeSpan.FromMilliseconds(100);
                    ledger?.Invoke(options);
                },
                EditContracts = folder =>
                {
                    var file = Path.Combine(folder, "institutions", institution + ".yaml");
                    var port = ((IPEndPoint)raw._listener.LocalEndpoint).Port;
                    File.WriteAllText(file, Place().Replace(File.ReadAllText(file), $"localhost:{port}"));
                    contracts?.Invoke(folder);
                },
            }
        );
        (raw._town, raw._certificate) = (town, town.Pki.Provider(institution).Load());
        raw._accepting = raw.Accept();
        return (town, raw);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var socket in _open)
            socket.Dispose();
        if (_accepting is not null)
            await _accepting;
        _certificate?.Dispose();
    }

    private async Task Accept()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                _open.Add(socket);
                serving.Add(Serve(socket, Interlocked.Increment(ref _connections)));
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task Serve(Socket socket, int connection)
    {
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                }
            );
            for (var ordinal = 1; await ReadAsync(tls) is { } message; ordinal++)
            {
                var call = new RawCall(connection, ordinal, message.Head, message.Body, tls, socket, _town![_id].Tell);
                Calls.Enqueue(call);
                if (!await Behaves(call))
                    return;
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The gateway hung up, or the test is over.
        }
    }

    private static async Task<(string Head, string Body)?> ReadAsync(SslStream tls)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await tls.ReadAsync(buffer);
            if (read == 0)
                return null;
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var all = text.ToString();
            var end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                continue;
            var length = int.Parse(Length().Match(all).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            if (all.Length >= end + 4 + length)
                return (all[..end], all.Substring(end + 4, length));
        }
    }

    [GeneratedRegex(@"localhost:\d+", RegexOptions.None, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"\r\nContent-Length: (?<length>\d+)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Length();
}
