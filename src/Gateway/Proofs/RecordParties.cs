using System.Text.Json;
using Agreements;
using Gateway.Authentication;

namespace Gateway.Proofs;

/// <summary>Whose record it is: the system that asked, under which agreement, and the institutions that were asked.</summary>
/// <param name="Kind">Kind of event.</param>
/// <param name="Id">Exchange id.</param>
/// <param name="Continues">Record that this one explains.</param>
/// <param name="Consumer">Institution that asked.</param>
/// <param name="Client">Its system that asked.</param>
/// <param name="Grounds">Under what it asked.</param>
/// <param name="Providers">Institutions that were asked.</param>
internal sealed record RecordParties(
    string? Kind,
    string? Id,
    string? Continues,
    string? Consumer,
    string? Client,
    RecordGrounds Grounds,
    IReadOnlyList<string> Providers
)
{
    private const string Decision = "decision";

    /// <summary>A reason that the consumer must not learn: for officers, auditors and mirrors alone.</summary>
    public bool IsHidden => Kind == Decision;

    /// <summary>Reads a record.</summary>
    public static RecordParties Of(ReadOnlyMemory<byte> record)
    {
        using var json = JsonDocument.Parse(record);
        var root = json.RootElement;
        var providers =
            root.TryGetProperty("prov", out var legs) && legs.ValueKind == JsonValueKind.Array
                ? legs.EnumerateArray().Select(static leg => Text(leg, "id")).OfType<string>().ToList()
                : [];
        return new RecordParties(
            Text(root, "ev"),
            Text(root, "id"),
            Text(root, "ref"),
            Text(root, "org"),
            Text(root, "cli"),
            RecordGrounds.Of(root),
            providers
        );
    }

    /// <summary>
    /// May this caller have the record? The system that asked may, and of the institutions that were asked every system. Where the reasons
    /// were split off, those stand in the next record.
    /// </summary>
    /// <param name="caller">Who asks. A token that it shows must be one for what the record is about; a certificate alone names
    /// nothing.</param>
    /// <param name="registry">The law.</param>
    /// <param name="next">The record behind this one, when there is one.</param>
    public bool Include(Caller caller, Registry registry, RecordParties? next) =>
        !IsHidden
        && (
            (
                Consumer == caller.Institution.Id
                && Client == caller.Client.Id
                && (caller.TokenId.Length == 0 || Grounds.Are(caller, registry))
            )
            || Providers.Contains(caller.Institution.Id)
            || (next is { IsHidden: true } && next.Continues == Id && next.Providers.Contains(caller.Institution.Id))
        );

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var member)
        && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
