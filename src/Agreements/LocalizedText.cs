namespace Agreements;

/// <summary>A text in the three languages of the gateway; French is authoritative together with Arabic.</summary>
/// <param name="Fr">French.</param>
/// <param name="Ar">Arabic.</param>
/// <param name="En">English.</param>
public sealed record LocalizedText(string Fr, string Ar, string En)
{
    /// <summary>The text in <paramref name="language"/> (fr, ar, en); French for any other.</summary>
    public string In(string language) =>
        language switch
        {
            "ar" => Ar,
            "en" => En,
            _ => Fr,
        };
}
