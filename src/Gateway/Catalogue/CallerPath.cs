using System.Collections.Frozen;
using System.Text.Json;
using Tokens.Access;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary><c>GET /catalogue/v1/caller</c>: who the gateway thinks is calling, and under which agreement and purpose (authority page, section 2).</summary>
internal sealed class CallerPath(TimeProvider time) : ICataloguePath
{
    /// <inheritdoc/>
    public string Operation => "catalogue.caller.read";

    /// <inheritdoc/>
    public WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <inheritdoc/>
    public bool Knows(string path) => path == "/catalogue/v1/caller";

    /// <inheritdoc/>
    public ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call)
    {
        var left = (long)(call.Caller.ExpiresAt - time.GetUtcNow()).TotalSeconds;
        return new(CatalogueAnswer.Of(CatalogueText.Write(json => Write(json, call, left)), CatalogueText.Write(json => Write(json, call, left: null))));
    }

    private static void Write(Utf8JsonWriter json, CatalogueCall call, long? left)
    {
        var caller = call.Caller;
        json.WriteString("institution", caller.Institution.Id);
        json.WriteString("client", caller.Client.Id);
        if (caller.Office is not null) json.WriteString("office", caller.Office.Code);
        json.WriteString("agreement", caller.AgreementReference);
        json.WriteString("purpose", caller.Purpose);
        json.WriteStrings("operations", caller.Operations);
        if (left is { } seconds) json.WriteNumber("secondsLeft", seconds);
        json.WriteString("binding", caller.Scheme == TokenScheme.DPoP ? "dpop" : "mtls");
        if (caller.CertificateUntil is { } until) json.WriteString("certificateExpires", until.UtcDateTime);
        json.WriteString("policy", call.Registry.Digest);
    }
}
