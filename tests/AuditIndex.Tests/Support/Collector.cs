using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AuditIndex.Tests.Support;

/// <summary>
/// A syslog collector of the tests' own (RFC 5425): takes octet-counted messages, writes each to a file, answers a closing with its own.
/// </summary>
internal static class Collector
{
    public static async Task<int> Run(int port, string folder, string output, CancellationToken stop = default)
    {
        using var certificate = X509CertificateLoader.LoadPkcs12(
            X509Certificate2
                .CreateFromPemFile(Path.Combine(folder, "collector.pem"), Path.Combine(folder, "collector.key.pem"))
                .Export(X509ContentType.Pkcs12),
            null
        );
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(Path.Combine(folder, "ca.pem"));
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        await using var file = new FileStream(output, FileMode.Append, FileAccess.Write, FileShare.Read);
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(stop);
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = certificate,
                        ClientCertificateRequired = true,
                        CertificateChainPolicy = trust,
                    },
                    stop
                );
                while (await Message(tls, stop) is { } message)
                {
                    await file.WriteAsync((byte[])[.. message, (byte)'\n'], stop);
                    await file.FlushAsync(stop);
                }

                await tls.ShutdownAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                // The next connection.
            }
        }
    }

    private static async Task<byte[]?> Message(Stream stream, CancellationToken stop)
    {
        var digits = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return digits.Length == 0 ? null : throw new IOException("torn");
            }

            if (one[0] == ' ')
            {
                break;
            }

            digits.Append((char)one[0]);
        }

        var message = new byte[int.Parse(digits.ToString(), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(message, stop);
        return message;
    }
}
