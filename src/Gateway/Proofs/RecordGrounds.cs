using System.Text.Json;
using Agreements;
using Gateway.Authentication;

namespace Gateway.Proofs;

/// <summary>
/// Under what a record's question was asked. Whoever comes for it later comes under the same, or it does not exist for them.
/// </summary>
/// <param name="Agreement"><c>id@version</c> of the agreement; null when none was known.</param>
/// <param name="Purpose">Purpose; null when none was known.</param>
/// <param name="Operation">Operation; null when none was known.</param>
internal sealed record RecordGrounds(string? Agreement, string? Purpose, string? Operation)
{
    /// <summary>Reads a record.</summary>
    public static RecordGrounds Of(JsonElement record)
    {
        return new RecordGrounds(Text("agr"), Text("purp"), Text("op"));

        string? Text(string name) =>
            record.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
    }

    /// <summary>Does the caller's token carry them all? What the gateway answers about itself has an agreement alone.</summary>
    public bool Are(Caller caller, Registry registry) =>
        Fit(caller, registry)
        && (Operation is null || !registry.Operations.ContainsKey(Operation) || caller.Operations.Contains(Operation));

    /// <summary>Does it carry agreement and purpose? A refusal may be about an operation that no token has.</summary>
    public bool Fit(Caller caller, Registry registry) =>
        (Agreement is null || IdOf(Agreement) == IdOf(caller.AgreementReference))
        && (Purpose is null || Operation is null || !registry.Operations.ContainsKey(Operation) || Purpose == caller.Purpose);

    // A newer version is the same agreement.
    private static string IdOf(string reference) => reference.Split('@')[0];
}
