using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tokens.Renewal;
using Tokens.Transport;

namespace Tokens.Revocation;

/// <summary>
/// An address of a list, fetched by itself and never while a request waits. The address stands in the operator's own configuration, so it
/// may be a private one; no redirect leads elsewhere, and time and size are bounded.
/// </summary>
internal sealed class RevocationAddress : RevocationSource, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;
    private readonly RevocationSettings _settings;
    private long? _asked;

    /// <param name="address">The address.</param>
    /// <param name="settings">How often, how large, and whom to trust behind https.</param>
    /// <param name="issuers">Certificates of the authority's set.</param>
    /// <param name="time">Clock.</param>
    /// <param name="trust">Roots behind https, renewed with their file; null without any.</param>
    internal RevocationAddress(
        string address,
        RevocationSettings settings,
        ImmutableArray<IssuerCertificate> issuers,
        TimeProvider time,
        Renewed<X509Certificate2Collection>? trust
    )
        : base(address, issuers, time)
    {
        _settings = settings;
        _http = new HttpClient(trust is null ? Handler([]) : new RenewedHandler(trust, Handler)) { Timeout = Patience };
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    protected override void Forget() => _asked = null;

    protected override async Task<ReadOnlyMemory<byte>?> Changed(CancellationToken stopping)
    {
        if (_asked is { } asked && Time.GetElapsedTime(asked) < Pause())
            return null;
        _asked = Time.GetTimestamp();
        return await Fetch(stopping);
    }

    /// <summary>Sooner when there is no list, or when what is held has ended.</summary>
    private TimeSpan Pause()
    {
        var isWell = Fault is null && Held.All(list => list.NextUpdate > Time.GetUtcNow());
        return isWell || _settings.FetchEvery < RetryEvery ? _settings.FetchEvery : RetryEvery;
    }

    private async Task<ReadOnlyMemory<byte>> Fetch(CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            using var answer = await _http.GetAsync(Name, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new RevocationRefused(
                    "status",
                    string.Create(CultureInfo.InvariantCulture, $"the address answers {(int)answer.StatusCode}")
                );
            if (answer.Content.Headers.ContentLength > _settings.MaxBytes)
                throw new RevocationRefused("too-large", $"it is larger than {_settings.MaxBytes} bytes");
            await using var stream = await answer.Content.ReadAsStreamAsync(patience.Token);
            return await BoundedRead.All(stream, _settings.MaxBytes, patience.Token);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException
                || (exception is OperationCanceledException && !stopping.IsCancellationRequested)
            )
        {
            throw new RevocationRefused("unreachable", $"it cannot be fetched ({exception.GetBaseException().GetType().Name})", exception);
        }
    }

    private static SocketsHttpHandler Handler(X509Certificate2Collection roots) =>
        new()
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 32,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = AddressRace.Connect, // a first address that is silent would take all of that time
            MaxConnectionsPerServer = 1,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = TlsSnapshot.ChainPolicy([roots], OutgoingTls.ServerAuthentication),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            },
        };
}
