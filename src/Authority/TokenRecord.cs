using System.Globalization;
using System.Text.Json;
using Ledger;

namespace Authority;

/// <summary>
/// The bytes of <c>token</c>, <c>token.deny</c>, <c>suspend</c> and <c>key</c> records (ledger page, sections 3.1 to 3.3): who, for what,
/// until when. Never the token, an assertion, a key or a value that a stranger chose.
/// </summary>
internal static class TokenRecord
{
    internal static SealedRecord Issued(
        string id,
        DateTimeOffset now,
        AuthenticatedClient client,
        Confirmation confirmation,
        Grant grant,
        ComposedToken token
    ) =>
        Write(json =>
        {
            Begin(json, "token", id, now);
            json.WriteString("org", client.Institution);
            json.WriteString("cli", client.Id);
            if (confirmation.X5tS256 is { } x5t)
                json.WriteString("x5t", x5t);
            if (confirmation.Jkt is { } jkt)
                json.WriteString("jkt", jkt);
            json.WriteString("jti", token.Jti);
            json.WriteString("purp", grant.Purpose);
            json.WriteString("agr", grant.Agreement);
            json.WriteString("kid", token.Key.KeyId);
            json.WriteString("exp", Time(token.Expires));
        });

    /// <param name="id">Id of the event.</param>
    /// <param name="now">When it is sealed.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="client">The client, once it has proved who it is; a name that anybody can write is not sealed.</param>
    /// <param name="count">How many equal refusals this record stands for.</param>
    /// <param name="until">When the last of them was.</param>
    internal static SealedRecord Refused(
        string id,
        DateTimeOffset now,
        TokenRefusal refusal,
        AuthenticatedClient? client,
        int count = 1,
        DateTimeOffset? until = null
    ) =>
        Write(json =>
        {
            Begin(json, "token.deny", id, now);
            if (client is not null)
            {
                json.WriteString("org", client.Institution);
                json.WriteString("cli", client.Id);
                if (client.Certificate is { } certificate)
                    json.WriteString("x5t", certificate.X5tS256);
            }
            json.WriteString("code", refusal.Code);
            if (refusal.Rule is { } rule)
                json.WriteString("rule", rule);
            json.WriteNumber("st", refusal.Status);
            if (count > 1)
            {
                json.WriteNumber("n", count);
                json.WriteString("until", Time(until ?? now));
            }
        });

    internal static SealedRecord Revoked(string id, DateTimeOffset now, AuthenticatedClient client, string jti) =>
        Write(json =>
        {
            Begin(json, "suspend", id, now);
            json.WriteString("org", client.Institution);
            json.WriteString("cli", client.Id);
            json.WriteString("kind", "token");
            json.WriteString("what", jti);
            json.WriteString("act", "revoke");
            json.WriteString("by", client.Id);
        });

    /// <summary>Something became of a signing key; only its public id is sealed.</summary>
    internal static SealedRecord Key(string id, DateTimeOffset now, string kid, string act, string? by) =>
        Write(json =>
        {
            Begin(json, "key", id, now);
            json.WriteString("kind", "token");
            json.WriteString("kid", kid);
            json.WriteString("act", act);
            if (by is not null)
                json.WriteString("by", by);
        });

    private static void Begin(Utf8JsonWriter json, string ev, string id, DateTimeOffset now)
    {
        json.WriteNumber("v", 1);
        json.WriteString("ev", ev);
        json.WriteString("id", id);
        json.WriteString("ts", Time(now));
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static SealedRecord Write(Action<Utf8JsonWriter> members) => SealedRecord.Of(JsonObjects.Write(members).ToArray());
}
