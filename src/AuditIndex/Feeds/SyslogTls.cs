using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Ledger;

namespace AuditIndex.Feeds;

/// <summary>Where a collector listens and how both sides prove who they are.</summary>
public sealed class SyslogSettings
{
    /// <summary>Host to connect to.</summary>
    public required string Host { get; set; }

    /// <summary>Port; 6514 is RFC 5425's.</summary>
    public int Port { get; set; } = 6514;

    /// <summary>Name that the collector's certificate must bear; by default the host.</summary>
    public string? ServerName { get; set; }

    /// <summary>PEM of the CA that the collector's certificate chains to. Nothing else is trusted.</summary>
    public required string Trust { get; set; }

    /// <summary>PEM of the certificate that we show.</summary>
    public required string Certificate { get; set; }

    /// <summary>PEM of its key.</summary>
    public required string Key { get; set; }

    /// <summary>HOSTNAME of the messages: this node.</summary>
    public string Node { get; set; } = "gateway";

    /// <summary>Private enterprise number of the structured data (IANA); 32473 is the one for examples.</summary>
    public int EnterpriseNumber { get; set; } = 32473;

    /// <summary>Longest time for connecting, sending a batch and having it confirmed.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Syslog over TLS (RFC 5425). The protocol has no acknowledgement, and a write that returns only means that bytes are in a buffer. So each
/// batch has a connection of its own, ended in order: our <c>close_notify</c>, then the collector's (RFC 5425 §4.4). Its answer comes only
/// after it has read everything before. A collector that dies meanwhile resets or just ends the connection, and the batch is sent again.
/// </summary>
public sealed class SyslogTls(SyslogSettings settings) : IFeedTarget
{
    /// <inheritdoc/>
    public async Task Deliver(IReadOnlyList<FeedEvent> events, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(settings.Patience);
        try
        {
            await using var wire = new CountedStream(await Connect(limit.Token));
            await using var tls = new SslStream(wire);
            await Authenticate(tls, limit.Token);
            // Session tickets arrive unasked: somebody must read from the start, so that at the end only the closing is left to come.
#pragma warning disable CA2025 // Awaited below; when the batch fails before, it ends with the connection and has nothing to say.
            var closing = ReadToEnd(tls, limit.Token);
#pragma warning restore CA2025
            foreach (var one in events)
            {
                await tls.WriteAsync(Rfc5424.Frame(one, settings.Node, settings.EnterpriseNumber), limit.Token);
            }

            await tls.FlushAsync(limit.Token);
            var before = wire.Received;
            await tls.ShutdownAsync();
            await closing;
            if (wire.Received == before)
            {
                throw new IOException("The collector ended the connection without confirming that it read everything.");
            }
        }
        catch (Exception e)
            when (e is SocketException or ObjectDisposedException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new IOException("The collector does not answer.", e);
        }
    }

    // Each address of the name has its share of half the patience: one that is silent must not keep the others from being tried.
    private async Task<NetworkStream> Connect(CancellationToken cancel)
    {
        var addresses = await Dns.GetHostAddressesAsync(settings.Host, cancel);
        for (var i = 0; ; i++)
        {
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            share.CancelAfter(settings.Patience / 2 / addresses.Length);
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], settings.Port), share.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
                when (e is SocketException or OperationCanceledException && i + 1 < addresses.Length && !cancel.IsCancellationRequested)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task Authenticate(SslStream tls, CancellationToken cancel)
    {
        using var certificate = SecretFile.Certificate(settings.Certificate, settings.Key);
        var trust = new X509Certificate2Collection();
        trust.ImportFromPemFile(settings.Trust);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trust);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = settings.ServerName ?? settings.Host,
                ClientCertificates = [certificate],
                CertificateChainPolicy = policy,
            },
            cancel
        );
    }

    private static async Task ReadToEnd(SslStream tls, CancellationToken cancel)
    {
        var buffer = new byte[1024];
        while (await tls.ReadAsync(buffer, cancel) > 0)
        {
            // A collector has nothing to say; what it says is passed over.
        }
    }
}
