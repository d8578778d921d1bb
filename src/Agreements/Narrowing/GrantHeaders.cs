using System.Text.Json.Nodes;
using Agreements.Contracts;

namespace Agreements.Narrowing;

/// <summary>
/// The headers that a grant demands or admits (exchanges page, section 1.2); the contract of an operation cannot know them.
/// </summary>
internal static class GrantHeaders
{
    private const string Reference = "^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$";

    /// <summary>Header parameters of an operation under a grant.</summary>
    public static JsonArray Of(Grant grant, Operation operation)
    {
        var headers = new JsonArray();
        // What the gateway answers itself asks nobody, so no file, agent or consent is stated with it.
        if (!operation.AnsweredByGateway)
        {
            Add(headers, "Case-Reference", grant.CaseReference, Reference);
            Add(headers, "Agent", grant.Agent, "^[A-Za-z0-9._-]{1,64}$");
            Add(headers, "Consent-Reference", grant.Consent, Reference);
        }

        if (operation.AnsweredByGateway || operation.BatchOf is not null)
            headers.Add(Header("Idempotency-Key", required: true, new JsonObject { ["type"] = "string", ["format"] = "uuid" }));
        return headers;
    }

    private static void Add(JsonArray headers, string name, Demand demand, string pattern)
    {
        if (demand is not Demand.None)
            headers.Add(Header(name, demand is Demand.Required, new JsonObject { ["type"] = "string", ["pattern"] = pattern }));
    }

    private static JsonObject Header(string name, bool required, JsonObject schema) =>
        new()
        {
            ["name"] = name,
            ["in"] = "header",
            ["required"] = required,
            ["schema"] = schema,
        };
}
