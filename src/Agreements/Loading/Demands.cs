namespace Agreements.Loading;

/// <summary>Demands as files write them.</summary>
internal static class Demands
{
    public static Demand Of(string text) =>
        text switch
        {
            "required" => Demand.Required,
            "optional" => Demand.Optional,
            _ => Demand.None,
        };
}
