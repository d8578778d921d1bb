using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sandbox;
using Sandbox.Persons;
using Tokens.Transport;

namespace Benchmarks.Exchange;

/// <summary>A system of a town that asks about a child's enrolment over HTTP/1.1 and mutual TLS.</summary>
internal static class EnrolmentCaller
{
    public static HttpMessageInvoker Client(Town town, string id = "anss-eligibility", int connections = 64)
    {
        var entry = town.File.Clients.First(client => client.Id == id);
        return Client(X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey), town.File.Ca, connections);
    }

    public static HttpMessageInvoker Client(X509Certificate2 certificate, string ca, int connections)
    {
        var trust = new X509Certificate2Collection();
        trust.ImportFromPemFile(ca);
        var handler = new OutgoingTls
        {
            Trust = trust,
            Client = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ListedNetworks = [IPNetwork.Parse("127.0.0.0/8")],
            MaxConnections = connections,
            ConnectTimeout = TimeSpan.FromSeconds(15),
        }.Handler();
        return new HttpMessageInvoker(handler);
    }

    public static byte[] Body(Town town, string idcs) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new { subject = new { scheme = "sector-token", value = SectorToken.Of("education", idcs) }, schoolYear = town.File.SchoolYear }
        );

    public static HttpRequestMessage Request(int port, byte[] body, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://localhost:{port}/education/v1/school-enrolments/query"))
        {
            Content = new ByteArrayContent(body),
            Version = HttpVersion.Version11,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}
