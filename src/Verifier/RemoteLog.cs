using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ledger;
using Ledger.Tiles;

namespace Verifier;

/// <summary>A log as the gateway shows it (ledger page §11.2), or any server of C2SP tlog-tiles.</summary>
/// <param name="http">Shows the certificate that the gateway asks for.</param>
/// <param name="root">Address of the log, with a slash at the end.</param>
public sealed class RemoteLog(HttpClient http, Uri root) : ILogSource
{
    private const long LargestFile = 256 * (2 + 65_535);

    /// <summary>A client for it.</summary>
    /// <param name="authority">PEM of the CAs that the server may chain to; null for the machine's.</param>
    /// <param name="certificate">PEM of the certificate to show; null for none.</param>
    /// <param name="key">PEM of its key, when it stands in another file.</param>
    public static HttpClient Connect(string? authority, string? certificate, string? key)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (authority is not null)
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(authority);
            handler.SslOptions.CertificateChainPolicy = trust;
        }

        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [SecretFile.Certificate(certificate, key)];
        }

        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = LargestFile };
    }

    /// <inheritdoc/>
    public string? Note(string name) => Get(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <inheritdoc/>
    public int Read(string relative, int width, ref byte[] buffer, out int promised)
    {
        // A partial file goes once the full one exists: the log may have grown since the checkpoint.
        var partial = width < TilePath.Width ? Get($"{relative}.p/{width}") : null;
        promised = partial is null ? TilePath.Width : width;
        if ((partial ?? Get(relative)) is not { } bytes)
        {
            return -1;
        }

        buffer = bytes;
        return bytes.Length;
    }

    private byte[]? Get(string name)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, name));
            using var response = http.Send(request);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                var isForbidden = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                throw new LedgerDamaged(name, $"the server answers {(int)response.StatusCode}")
                {
                    Kind = isForbidden ? DamageKind.ServerForbids : DamageKind.ServerRefuses,
                };
            }

            using var bytes = new MemoryStream();
            response.Content.ReadAsStream().CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Of a certificate that is not trusted .NET says so and nothing else; everything else is silence.
            throw new LedgerDamaged(name, "the server does not answer", e)
            {
                Kind = e.InnerException is AuthenticationException ? DamageKind.ServerUntrusted : DamageKind.ServerSilent,
            };
        }
    }
}
