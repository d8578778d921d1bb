using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Agreements.Loading;
using Gateway.Authentication;
using Gateway.Problems;
using Ledger;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Diagnosis;

/// <summary>
/// <c>GET /diagnose</c> (authority page, section 2): what is wrong with the certificate that a connection shows. TLS 1.3 refuses one with a
/// bare alert that programs report as "connection reset"; this listener asks for it, judges it, and never hangs up. It carries no data,
/// answers strangers, and seals nothing.
/// </summary>
internal sealed class DiagnosticsEndpoint(RegistryWatcher law, ITokenStatus status, CertificateStops stops, TimeProvider time)
{
    private const string Path = "/diagnose";
    private readonly AddressPace _pace = new(time);

    /// <summary>GET, without body or query.</summary>
    public static WireRoute? WireOf(HttpContext http) =>
        http.Request.Path == Path ? new WireRoute(FrozenSet.Create(StringComparer.Ordinal, "GET"), []) : null;

    /// <summary>Answers every request of the listener.</summary>
    public Task RunAsync(HttpContext http)
    {
        if (!_pace.Allows(SourceAddress.Of(http.Connection.RemoteIpAddress), PresentedCertificate.Of(http)))
            return RefuseAsync(http, new Refusal(Problem.RateExceeded) { RetryAfterSeconds = 1 });
        return http.Request.Path == Path ? Release.PlainAsync(http, Write(http)) : RefuseAsync(http, new Refusal(Problem.RouteUnknown));
    }

    /// <summary>Tells a refusal without a record: nothing was asked here that a record could be about.</summary>
    public Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        var body = new ArrayBufferWriter<byte>(512);
        ProblemDocument.Write(body, refusal, Ulid.New(time), Language(http));
        return Release.PlainAsync(http, body.WrittenMemory, refusal);
    }

    private ReadOnlyMemory<byte> Write(HttpContext http)
    {
        var (registry, certificate, language) = (law.Current, PresentedCertificate.Of(http), Language(http));
        var holder = certificate is null ? null : CertificateHolder.Of(certificate, registry);
        var stopped = status.Current;
        var stop = certificate is null ? CertificateStop.None : stops.Of(certificate, stopped);
        var findings = Finding.About(HandshakeOutcome.Of(http), certificate, stop, holder, registry, stopped, time.GetUtcNow());
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, ProblemDocument.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteBoolean("accepted", findings is [Finding.Sound]);
            WriteFindings(json, findings, language);
            if (certificate is not null)
                WriteCertificate(json, certificate);
            if (holder is not null)
                json.WriteString("client", holder.Id);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteFindings(Utf8JsonWriter json, ImmutableArray<string> findings, string language)
    {
        json.WriteStartArray("findings");
        foreach (var code in findings)
        {
            var text = FindingTexts.Of(code, language);
            json.WriteStartObject();
            json.WriteString("code", code);
            json.WriteString("detail", text.Detail);
            json.WriteString("remedy", text.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // What a registration compares, in the form in which it writes it; names stay with whoever holds the certificate.
    private static void WriteCertificate(Utf8JsonWriter json, PresentedCertificate certificate)
    {
        json.WriteStartObject("certificate");
        json.WriteString("x5tS256", certificate.X5tS256);
        json.WriteString("spkiSha256", certificate.SpkiSha256);
        json.WriteString("notBefore", certificate.NotBefore.UtcDateTime);
        json.WriteString("notAfter", certificate.NotAfter.UtcDateTime);
        json.WriteStartArray("authorities");
        foreach (var authority in certificate.Authorities)
            json.WriteStringValue(authority);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Language(HttpContext http) => Languages.Negotiate(http.Request.Headers.AcceptLanguage);
}
