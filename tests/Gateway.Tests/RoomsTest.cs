using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Gateway.Tests;

/// <summary>The rules between rooms (architecture page, section 4), read off the source.</summary>
public sealed partial class RoomsTest
{
    private static readonly string Root = FindRoot();

    // The order of the request path: a room may name an earlier one, never a later one. Problems and Requests carry words and questions for
    // all.
    private static readonly string[] Path =
    [
        "Admission",
        "Authentication",
        "Authorization",
        "Quotas",
        "Forwarding",
        "Minimization",
        "Audit",
    ];

    [Fact]
    public void A_room_never_names_a_later_one()
    {
        var offences =
            from file in Sources("src/Gateway")
            let room = Array.IndexOf(Path, RoomOf(file))
            where room >= 0
            from used in UsingsOf(file)
            where used.StartsWith("Gateway.", StringComparison.Ordinal)
            let other = Array.IndexOf(Path, used.Split('.')[1])
            where other > room
            select $"{Short(file)} names {used}";
        Assert.Empty(offences);
    }

    [Fact]
    public void Only_Forwarding_knows_Yarp() =>
        Assert.Empty(
            from file in Sources("src/Gateway")
            where RoomOf(file) is not "Forwarding" && !Short(file).EndsWith("GatewayServices.cs", StringComparison.Ordinal)
            where UsingsOf(file).Any(static used => used.StartsWith("Yarp", StringComparison.Ordinal))
            select Short(file)
        );

    [Fact]
    public void Decisions_quotas_minimization_and_records_are_pure() =>
        Assert.Empty(
            from file in Sources("src/Gateway")
            where RoomOf(file) is "Authorization" or "Quotas" or "Minimization" or "Audit" or "Requests" or "Problems"
            where File.ReadAllText(file).Contains("HttpContext", StringComparison.Ordinal)
            select Short(file)
        );

    [Fact]
    public void Bytes_leave_through_one_door()
    {
        // Health, metrics, catalogue and batches answer for themselves, but not with a disclosure; RunAsync of Release is the door for
        // those.
        string[] doors = ["Release.cs", "CapturingTransformer.cs"];
        Assert.Empty(
            from file in Sources("src/Gateway")
            where !doors.Contains(System.IO.Path.GetFileName(file), StringComparer.Ordinal)
            where ResponseBody().IsMatch(File.ReadAllText(file))
            select Short(file)
        );
    }

    [Fact]
    public void Libraries_reference_nothing_but_the_words_and_the_verifier_the_ledger_too()
    {
        Assert.Empty(ReferencesOf("Wording"));
        Assert.Equal(["Wording"], ReferencesOf("Agreements"));
        Assert.Equal(["Wording"], ReferencesOf("Ledger"));
        Assert.Empty(ReferencesOf("Tokens"));
        Assert.Equal(["Ledger", "Wording"], ReferencesOf("Verifier"));
        Assert.DoesNotContain("Sandbox", ReferencesOf("Gateway").Concat(ReferencesOf("Authority")));
    }

    [Fact]
    public void Nothing_in_src_references_tests() =>
        Assert.Empty(
            from project in Directory.GetFiles(System.IO.Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            where File.ReadAllText(project).Contains("tests/", StringComparison.Ordinal)
            select project
        );

    [Fact]
    public void Files_stay_under_twelve_thousand_characters_but_for_those_that_are_still_to_be_split()
    {
        // May only get shorter: a file that was split leaves the list, and none comes in.
        var known = File.ReadAllLines(System.IO.Path.Combine(Root, "tests/Gateway.Tests/long-files.txt"));
        var found = Sources("src").Concat(Sources("tests")).Where(static file => File.ReadAllText(file).Length > 12_000).Select(Short);
        Assert.Equal(known, found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lines_stay_within_140_columns_but_for_texts_that_would_be_broken() =>
        Assert.Empty(Sources("src").Concat(Sources("tests")).SelectMany(LongLines));

    [Fact]
    public void Tests_that_start_a_town_a_program_or_a_database_are_not_of_the_fast_tier() =>
        Assert.Empty(
            from file in Sources("tests")
            let text = File.ReadAllText(file)
            where Fact().IsMatch(text) && Short(file) != "tests/Gateway.Tests/RoomsTest.cs" && !Slow.Contains(Short(file).Split('/')[1])
            where Starts().IsMatch(text) != text.Contains("[Trait(\"Tier\", \"Whole\")]", StringComparison.Ordinal)
            select Short(file)
        );

    // Projects that ./test.sh --fast leaves out whole.
    private static readonly string[] Slow = ["Interop", "Ledger.Interop.Tests", "Policy.Tests", "Benchmarks"];

    [Fact]
    public void No_constructor_takes_more_than_seven_parameters() =>
        Assert.Empty(
            from type in typeof(GatewayHost).Assembly.GetTypes()
            where !typeof(IEquatable<>).MakeGenericType(type.ContainsGenericParameters ? typeof(object) : type).IsAssignableFrom(type)
            from constructor in type.GetConstructors(
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic
            )
            where constructor.GetParameters().Length > 7
            select $"{type.Name} takes {constructor.GetParameters().Length}"
        );

    [Fact]
    public void No_folder_or_file_is_named_for_nothing() =>
        Assert.Empty(from file in Sources("src").Concat(Sources("tests")) where Nothing().IsMatch(Short(file)) select Short(file));

    [Fact]
    public void A_namespace_is_its_folder() =>
        Assert.Empty(
            from file in Sources("src")
            let space = NamespaceLine().Match(File.ReadAllText(file))
            where space.Success
            let folder = System.IO.Path.GetDirectoryName(Short(file))!.Replace("src/", "", StringComparison.Ordinal).Replace('/', '.')
            where space.Groups[1].Value != folder
            select $"{Short(file)}: {space.Groups[1].Value}"
        );

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Gateway.sln")))
            folder = System.IO.Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static IEnumerable<string> Sources(string below) =>
        Directory.GetFiles(System.IO.Path.Combine(Root, below), "*.cs", SearchOption.AllDirectories).Where(NotGenerated);

    private static bool NotGenerated(string file) =>
        !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    private static string Short(string file) => System.IO.Path.GetRelativePath(Root, file);

    private static string RoomOf(string file) => Short(file).Split('/')[2];

    // A line with a text in it may be longer: a text is searched for as it is said.
    private static IEnumerable<string> LongLines(string file)
    {
        var (isRaw, number) = (false, 0);
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var isText = isRaw || line.Contains('"', StringComparison.Ordinal);
            if (line.Split("\"\"\"").Length % 2 == 0)
                isRaw = !isRaw;
            if (!isText && line.Length > 140)
                yield return $"{Short(file)}:{number}";
        }
    }

    private static IEnumerable<string> UsingsOf(string file) =>
        from line in File.ReadLines(file)
        let match = Using().Match(line)
        where match.Success
        select match.Groups[1].Value;

    private static string[] ReferencesOf(string project) =>
        [
            .. XDocument
                .Load(System.IO.Path.Combine(Root, "src", project, project + ".csproj"))
                .Descendants("ProjectReference")
                .Select(static reference => System.IO.Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)),
        ];

    [GeneratedRegex(@"^using (?:static )?(?<name>[A-Za-z.]+);", RegexOptions.None, 1000)]
    private static partial Regex Using();

    [GeneratedRegex(@"Response\.(?:Body|BodyWriter)\b|\.WriteAsJsonAsync|Results\.(?:Json|Text|Bytes|Ok)", RegexOptions.None, 1000)]
    private static partial Regex ResponseBody();

    [GeneratedRegex(
        @"(?:^|/)(?:Helpers?|Utils?|Utilities|Common|Shared|Core|Infrastructure|Misc)(?:/|\.cs$)|(?:Manager|Helper|Impl)\.cs$",
        RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex Nothing();

    [GeneratedRegex(
        "RealPostgres|Process\\.Start|ProcessStartInfo|Town\\.StartAsync|OneTown\\.Name|TownFixture|TheAuthority|ApartTown|HidingTown|netns"
            + "|\"strace\"|faketime",
        RegexOptions.None,
        1000
    )]
    private static partial Regex Starts();

    [GeneratedRegex(@"^\s*\[(?:Fact|Theory)", RegexOptions.Multiline, 1000)]
    private static partial Regex Fact();

    [GeneratedRegex(@"^namespace (?<name>[A-Za-z.]+);", RegexOptions.Multiline, 1000)]
    private static partial Regex NamespaceLine();
}
