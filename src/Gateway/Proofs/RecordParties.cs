using System.Text.Json;

namespace Gateway.Proofs;

/// <summary>Whose record it is: the consumer that asked and the providers that were asked.</summary>
/// <param name="Kind">Kind of event.</param>
/// <param name="Id">Exchange id.</param>
/// <param name="Continues">Record that this one explains.</param>
/// <param name="Consumer">Institution that asked.</param>
/// <param name="Providers">Institutions that were asked.</param>
internal sealed record RecordParties(string? Kind, string? Id, string? Continues, string? Consumer, IReadOnlyList<string> Providers)
{
    private const string Decision = "decision";

    /// <summary>A reason that the consumer must not learn: for officers, auditors and mirrors alone.</summary>
    public bool IsHidden => Kind == Decision;

    /// <summary>Reads a record.</summary>
    public static RecordParties Of(ReadOnlyMemory<byte> record)
    {
        using var json = JsonDocument.Parse(record);
        var root = json.RootElement;
        var providers = root.TryGetProperty("prov", out var legs) && legs.ValueKind == JsonValueKind.Array
            ? legs.EnumerateArray().Select(static leg => Text(leg, "id")).OfType<string>().ToList()
            : [];
        return new RecordParties(Text(root, "ev"), Text(root, "id"), Text(root, "ref"), Text(root, "org"), providers);
    }

    /// <summary>Is the institution one of the parties? Where the reasons were split off, the providers stand in the next record.</summary>
    /// <param name="institution">Who asks.</param>
    /// <param name="next">The record behind this one, when there is one.</param>
    public bool Include(string institution, RecordParties? next) =>
        !IsHidden && (Consumer == institution || Providers.Contains(institution)
            || (next is { IsHidden: true } && next.Continues == Id && next.Providers.Contains(institution)));

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
