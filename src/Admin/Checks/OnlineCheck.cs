using System.Globalization;
using System.Text.Json;
using Admin.CommandLine;
using Admin.Texts;

namespace Admin.Checks;

/// <summary>
/// The whole first call of a newcomer, step by step, each explained when it fails: discover, take a token, ask the gateway who it thinks is
/// calling. Nothing about a person is asked.
/// </summary>
/// <param name="partner">Who asks.</param>
/// <param name="terminal">Where the steps are told.</param>
internal sealed class OnlineCheck(Partner partner, Terminal terminal)
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private readonly List<Finding> _findings = [];

    /// <summary>Runs all steps; the first that fails ends it.</summary>
    /// <param name="scope">Operations to ask for; null for those of <paramref name="details"/>.</param>
    /// <param name="details"><c>authorization_details</c>; null to let the server find the agreement.</param>
    /// <param name="gateway">Base address of the gateway; null for the first resource of the metadata.</param>
    internal async Task<(IReadOnlyCollection<Finding> Findings, object? Caller)> Run(string? scope, string? details, string? gateway)
    {
        using var connection = new PartnerConnection(partner, terminal.Language);
        try
        {
            if (await Discover(connection) is not { } server)
                return (_findings, null);
            if (await Token(server, scope, details) is not { } token)
                return (_findings, null);
            var caller = await Call(server, token, gateway ?? server.Resource ?? throw Declined.Usage("metadata-without-resource"));
            return (_findings, caller);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            _findings.Add(new Finding(PartnerConnection.Why(exception), ("error", exception.GetBaseException().Message)));
            return (_findings, null);
        }
    }

    private async Task<TokenServer?> Discover(PartnerConnection connection)
    {
        var address = TokenServer.MetadataOf(partner.Issuer);
        var reply = await connection.Get(address);
        if (reply.Date is { } date && (date - terminal.Time.GetUtcNow()).Duration() > Skew)
            _findings.Add(
                new Finding("clock-skew", ("here", (DateTimeOffset?)terminal.Time.GetUtcNow()), ("server", (DateTimeOffset?)date))
            );
        if (!reply.IsOk || reply.Text("issuer") is not { } issuer)
            _findings.Add(
                new Finding(
                    "metadata-missing",
                    ("address", address.ToString()),
                    ("status", ((int)reply.Status).ToString(CultureInfo.InvariantCulture))
                )
            );
        else if (issuer != partner.Issuer)
            _findings.Add(new Finding("metadata-issuer", ("issuer", issuer), ("asked", partner.Issuer)));
        else
        {
            terminal.Done("step-metadata", address.ToString());
            return new TokenServer(partner, connection, reply.Body, terminal.Time);
        }
        return null;
    }

    private async Task<Reply?> Token(TokenServer server, string? scope, string? details)
    {
        var reply = await server.Token(scope, details);
        if (reply.IsOk)
        {
            terminal.Done(
                "step-token",
                reply.Body.GetProperty("expires_in").GetInt64(),
                reply.Text("token_type") ?? "-",
                reply.Text("scope") ?? "-"
            );
            return reply;
        }
        var finding = await Explained(server, reply);
        // Nothing was asked for, so no agreement is to blame.
        var isUnnamed = scope is null && details is null && finding.Code == "operation-not-covered";
        _findings.Add(isUnnamed ? finding with { Code = "scope-not-named" } : finding);
        return null;
    }

    /// <summary>The exact reason, from the server when it tells this client, else from what the answer said.</summary>
    private static async Task<Finding> Explained(TokenServer server, Reply refused)
    {
        List<Fact> facts =
        [
            ("status", ((int)refused.Status).ToString(CultureInfo.InvariantCulture)),
            ("error", refused.Text("error") ?? "-"),
            TokenServer.Description(refused),
        ];
        if (refused.RequestId is { } id)
            facts.Add(("request id", id));
        if (refused.Body.ValueKind == JsonValueKind.Object && refused.Body.TryGetProperty("choices", out var choices))
            facts.Add(("choices", choices.GetRawText()));
        var told = refused.RequestId is null ? null : await server.Explain(refused.RequestId);
        var code = told is { IsOk: true } ? told.Text("code") : refused.Text("error_description")?.Split(' ')[0];
        return new Finding(code is not null && Reasons.Find(code, "en") is not null ? code : "client-unexplained", [.. facts]);
    }

    private async Task<object?> Call(TokenServer server, Reply token, string gateway)
    {
        var reply = await server.Call(
            new Uri(new Uri(gateway), "/catalogue/v1/caller"),
            token.Text("access_token")!,
            token.Text("token_type") == "DPoP"
        );
        if (!reply.IsOk)
        {
            // The gateway explains itself, in the language asked for.
            _findings.Add(
                new Finding(
                    reply.Text("code") ?? "net-reset",
                    ("status", ((int)reply.Status).ToString(CultureInfo.InvariantCulture)),
                    ("title", reply.Text("title") ?? "-"),
                    ("detail", reply.Text("detail") ?? "-"),
                    ("instance", reply.Text("instance") ?? "-")
                )
            );
            return null;
        }
        if (reply.Text("client") != partner.Client)
        {
            _findings.Add(new Finding("caller-mismatch", ("client", reply.Text("client") ?? "-")));
            return null;
        }
        terminal.Done(
            "step-gateway",
            reply.Text("institution") ?? "-",
            reply.Text("client") ?? "-",
            reply.Text("agreement") ?? "-",
            reply.Text("purpose") ?? "-"
        );
        return reply.Body;
    }
}
