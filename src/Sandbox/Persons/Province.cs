using System.Collections.Immutable;

namespace Sandbox.Persons;

/// <summary>A province with its weight in the synthetic population.</summary>
/// <param name="Code">Area code, for example <c>06.181.</c>.</param>
/// <param name="Weight">Inhabitants in thousands, rounded: plausible, not statistics.</param>
public sealed record Province(string Code, int Weight)
{
    /// <summary>The provinces and prefectures, region by region.</summary>
    public static ImmutableArray<Province> All { get; } =
    [
        new("01.051.", 400), new("01.151.", 457), new("01.227.", 76), new("01.331.", 497), new("01.405.", 300), new("01.511.", 1065), new("01.571.", 550), new("01.573.", 209),
        new("02.113.", 289), new("02.167.", 211), new("02.251.", 138), new("02.265.", 216), new("02.275.", 108), new("02.381.", 564), new("02.411.", 551), new("02.533.", 233),
        new("03.061.", 835), new("03.131.", 197), new("03.171.", 247), new("03.231.", 1150), new("03.271.", 155), new("03.451.", 286), new("03.531.", 662), new("03.561.", 528), new("03.591.", 174),
        new("04.281.", 1061), new("04.291.", 542), new("04.421.", 577), new("04.441.", 982), new("04.481.", 522), new("04.491.", 320), new("04.501.", 574),
        new("05.081.", 554), new("05.091.", 550), new("05.255.", 502), new("05.301.", 371), new("05.311.", 542),
        new("06.111.", 233), new("06.117.", 484), new("06.141.", 3359), new("06.181.", 786), new("06.355.", 172), new("06.371.", 404), new("06.385.", 333), new("06.461.", 634), new("06.467.", 452),
        new("07.041.", 573), new("07.161.", 369), new("07.191.", 537), new("07.211.", 450), new("07.351.", 1330), new("07.427.", 315), new("07.431.", 691), new("07.585.", 251),
        new("08.201.", 418), new("08.363.", 289), new("08.401.", 297), new("08.577.", 322), new("08.587.", 307),
        new("09.001.", 600), new("09.163.", 371), new("09.273.", 541), new("09.541.", 838), new("09.551.", 117), new("09.581.", 207),
        new("10.071.", 44), new("10.221.", 187), new("10.473.", 115), new("10.521.", 86),
        new("11.121.", 50), new("11.221.", 66), new("11.321.", 238), new("11.537.", 13),
        new("12.066.", 11), new("12.391.", 131),
    ];
}
