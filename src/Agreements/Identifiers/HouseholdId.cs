namespace Agreements.Identifiers;

/// <summary>Household id of the social registry: ten digits, opaque (exchanges page, section 1.3).</summary>
public static class HouseholdId
{
    /// <summary>Ten ASCII digits.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length == 10 && !text.ContainsAnyExceptInRange('0', '9');
}
