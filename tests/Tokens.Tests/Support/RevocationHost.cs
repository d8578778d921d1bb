using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Stores;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Support;

/// <summary>
/// A TLS listener that answers each request with the verdict on the certificate of its connection, and the lists behind the verdict.
/// </summary>
internal sealed class RevocationHost : IAsyncDisposable
{
    public const string Set = "partners";
    private readonly TlsHost _host;
    private readonly TestPki _pki;

    private RevocationHost(TlsHost host, TestPki pki, RevocationLists lists, ITokenStatus status) =>
        (_host, _pki, Lists, Status) = (host, pki, lists, status);

    public RevocationLists Lists { get; }
    public ITokenStatus Status { get; }

    public static async Task<RevocationHost> Start(
        TestPki pki,
        string folder,
        RevocationSettings? settings,
        TimeProvider? time = null,
        X509Certificate2[]? selfSigned = null,
        RevocationBook? book = null
    )
    {
        var (clock, sets) = (
            time ?? TimeProvider.System,
            new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { [Set] = [pki.Root] }
        );
        var status = StatusStore.Open(new StoreSettings { File = Path.Combine(folder, "status.db") }, TimeProvider.System);
        var configured = new Dictionary<string, RevocationSettings>(StringComparer.Ordinal);
        if (settings is not null)
            configured[Set] = settings;
        var lists = RevocationLists.Open(configured, sets, clock, book: book);
        var stops = new CertificateStops(status, lists, clock);
        var trust = new ClientTrust
        {
            Authorities = sets,
            SelfSigned = System.Collections.Frozen.FrozenSet.Create(
                StringComparer.Ordinal,
                [.. (selfSigned ?? []).Select(static one => PresentedCertificate.From(one).X5tS256)]
            ),
        };
        var host = await TlsHost.Start(new TlsSnapshot(pki.Server(), intermediates: null, trust), answer: context =>
            context.Response.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"{stops.Of(PresentedCertificate.Of(context)!)} {context.Connection.Id}")
            )
        );
        return new RevocationHost(host, pki, lists, status);
    }

    public HttpClient Client(X509Certificate2 certificate, string version = "1.1", params X509Certificate2[] intermediates) =>
        _host.Client(_pki.Root, certificate, Version.Parse(version), intermediates);

    /// <summary>The verdict on a new connection.</summary>
    public async Task<string> Verdict(X509Certificate2 certificate, params X509Certificate2[] intermediates)
    {
        using var client = Client(certificate, "1.1", intermediates);
        return await Verdict(client);
    }

    /// <summary>The verdict on an open connection.</summary>
    public static async Task<string> Verdict(HttpClient client) => (await client.GetStringAsync("/")).Split(' ')[0];

    /// <summary>Waits for what comes about by itself.</summary>
    public static async Task Until(Func<Task<bool>> holds, string what)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(25);
        }
        Assert.Fail("it did not come about in fifteen seconds: " + what);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Lists.Dispose();
        Status.Dispose();
    }
}
