using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agreements;
using Gateway.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Tokens.Transport;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>Registrations state no dates, so the gateway learns from what is shown when a partner's certificate ends.</summary>
public sealed class CertificateSightingsTest : IDisposable
{
    private static readonly DateOnly Today = new(2026, 11, 22);
    private readonly string _file = Path.GetTempFileName();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void What_was_shown_is_warned_about_and_known_again_after_a_start()
    {
        Sightings().Note(Client("anss-one"), Ending(5), Today);
        var expiry = Assert.Single(SeenCertificates.Expiring(Sightings().Of(Client("anss-one")), Today));
        Assert.Equal((ExpiryKind.Certificate, 5, 7), (expiry.Kind, expiry.Days, expiry.Within));
    }

    [Fact]
    public void A_certificate_that_was_replaced_is_not_warned_about_and_one_in_use_beside_it_is()
    {
        var (sightings, client, old, next) = (Sightings(), Client("anss-one"), Ending(5), Ending(300));
        sightings.Note(client, old, Today);
        sightings.Note(client, next, Today);
        Assert.Single(SeenCertificates.Expiring(sightings.Of(client), Today));
        sightings.Note(client, next, Today.AddDays(1));
        Assert.Empty(SeenCertificates.Expiring(sightings.Of(client), Today.AddDays(1)));
        sightings.Note(client, old, Today.AddDays(1));
        Assert.Single(SeenCertificates.Expiring(sightings.Of(client), Today.AddDays(1)));
    }

    [Fact]
    public void One_system_cannot_fill_the_memory_and_a_broken_file_stops_nobody()
    {
        var (sightings, client) = (Sightings(), Client("anss-one"));
        for (var days = 1; days < 30; days++)
            sightings.Note(client, Ending(days), Today);
        Assert.Equal(SeenCertificates.MostOfClient, sightings.Of(client).Length);
        Assert.Contains(SeenCertificates.Expiring(sightings.Of(client), Today), static one => one.Days == 1);
        File.WriteAllText(_file, "{ not a list");
        Assert.Empty(Sightings().Of(client));
        Assert.Throws<InvalidDataException>(() => SeenCertificates.Read("{ not a list"));
    }

    public void Dispose()
    {
        _key.Dispose();
        File.Delete(_file);
    }

    private CertificateSightings Sightings()
    {
        if (File.Exists(_file) && new FileInfo(_file).Length == 0)
            File.Delete(_file);
        return new CertificateSightings(new GatewayOptions { CertificatesSeen = _file }, NullLogger<CertificateSightings>.Instance);
    }

    private PresentedCertificate Ending(int days)
    {
        var noon = new DateTimeOffset(Today.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        using var certificate = new CertificateRequest($"CN=a{days}", _key, HashAlgorithmName.SHA256).CreateSelfSigned(
            noon.AddDays(-1),
            noon.AddDays(days)
        );
        return PresentedCertificate.From(certificate);
    }

    private static Client Client(string id) =>
        new()
        {
            Id = id,
            Institution = "anss",
            Names = new LocalizedText("", "", ""),
            Authentication = ClientAuthentication.TlsClientAuth,
        };
}
