using System.Text.Json;

namespace Tokens.Jose;

/// <summary>
/// Seconds since 1970 as an integer JSON number between 2020 and 2100 (RFC 7519 section 2, narrowed): no string, fraction or exponent.
/// </summary>
internal static class NumericDate
{
    private const long Earliest = 1_577_836_800; // 2020-01-01
    private const long Latest = 4_102_444_800; // 2100-01-01

    /// <summary>False when the member is there and is not such a number; true with null when it is absent.</summary>
    internal static bool TryRead(JsonElement owner, string name, out DateTimeOffset? date)
    {
        date = null;
        if (!owner.TryGetProperty(name, out var member))
            return true;
        if (member.ValueKind != JsonValueKind.Number || !member.TryGetInt64(out var seconds) || seconds is < Earliest or > Latest)
            return false;
        date = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
