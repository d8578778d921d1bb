using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agreements;
using Agreements.Loading;
using Gateway;
using Gateway.Authentication;
using Gateway.Observability;
using Microsoft.Extensions.Logging.Abstractions;
using Policy.Tests.Matrix;
using Tokens.Transport;

namespace Policy.Tests;

/// <summary>The metrics page shows how much ends soon, in few series however many agreements there are.</summary>
public sealed class ExpiryGaugeTest
{
    [Fact]
    public async Task What_ends_within_a_week_is_counted_and_the_soonest_is_shown_in_days()
    {
        using var law = new LawFiles();
        var text = law.Text("ANSS-ANAPEC-2026-01");
        var at = text.IndexOf("  until: ", StringComparison.Ordinal);
        law.WriteSigned(
            "ANSS-ANAPEC-2026-01",
            text[..at] + "  until: 2026-11-27" + text[text.IndexOf('\n', at)..],
            LawFiles.PartiesOf(text)
        );
        await using var watcher = RegistryWatcher.Start(law.Folder, LawFiles.Clock, out _)!;
        var options = new GatewayOptions { ServerCertificate = "", ClientCertificate = "" };
        var sightings = new CertificateSightings(options, NullLogger<CertificateSightings>.Instance);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = LawFiles.Clock.GetUtcNow();
        using (
            var shown = new CertificateRequest("CN=a partner's", key, HashAlgorithmName.SHA256).CreateSelfSigned(
                now.AddDays(-1),
                now.AddDays(20)
            )
        )
            sightings.Note(watcher.Current.Clients["anss-eligibility"], PresentedCertificate.From(shown), CivilTime.Today(LawFiles.Clock));
        using var gauge = new ExpiryGauge(watcher, sightings, LawFiles.Clock);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("gateway.expir", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>(
            (instrument, value, tags, _) =>
                seen[$"{instrument.Name} {string.Join(' ', tags.ToArray().Select(static tag => tag.Value))}"] = value
        );
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["gateway.expiring agreement 7"]);
        Assert.Equal(1, seen["gateway.expiring certificate 30"]);
        Assert.Equal(20, seen["gateway.expiry.soonest certificate"]);
        Assert.Equal(6, seen["gateway.expiry.soonest agreement"]);
        Assert.Equal(18, seen.Count);
    }
}
