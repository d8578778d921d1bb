using System.Text;
using System.Text.RegularExpressions;

namespace Authority.Tests;

/// <summary>The checklist OA-01 to OA-63 is complete: every line has a test that carries its id, wherever it is tested.</summary>
public sealed partial class ChecklistTests
{
    private const int Lines = 63;
    private static readonly string[] Projects = ["Authority.Tests", "Tokens.Tests", "Gateway.Tests"];

    [Fact]
    public void Every_line_of_the_checklist_has_a_test_with_its_id_in_its_name()
    {
        var table = Table();
        TestContext.Current.TestOutputHelper?.WriteLine(Print(table));
        Assert.Empty(Enumerable.Range(1, Lines).Select(Id).Except(table.Keys, StringComparer.Ordinal));
        Assert.Empty(table.Keys.Except(Enumerable.Range(1, Lines).Select(Id), StringComparer.Ordinal));
    }

    /// <summary>The table as Markdown: <c>Authority.Tests checklist</c> prints it.</summary>
    internal static string Print() => Print(Table());

    private static string Print(SortedDictionary<string, List<string>> table)
    {
        var text = new StringBuilder("| line | tests |\n|---|---|\n");
        foreach (var (id, tests) in table)
            text.Append("| ").Append(id).Append(" | ").AppendJoin("<br>", tests.Order(StringComparer.Ordinal)).Append(" |\n");
        return text.ToString();
    }

    private static SortedDictionary<string, List<string>> Table()
    {
        var table = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var project in Projects)
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Tests(), project), "*.cs", SearchOption.AllDirectories))
                if (!file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                    foreach (Match test in Test().Matches(File.ReadAllText(file)))
                        foreach (Match id in Ids().Matches(test.Groups["name"].Value))
                            Add(table, id.Value.Replace('_', '-'), $"{project[..^".Tests".Length]}: {test.Groups["name"].Value.Replace('_', ' ')}");
        return table;
    }

    private static void Add(SortedDictionary<string, List<string>> table, string id, string test)
    {
        if (!table.TryGetValue(id, out var tests))
            table.Add(id, tests = []);
        tests.Add(test);
    }

    private static string Id(int line) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"OA-{line:D2}");

    private static string Tests()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return Path.Combine(folder.FullName, "tests");
        throw new InvalidOperationException("the tests run inside the repository");
    }

    [GeneratedRegex(
        @"^\s*public (?:async )?(?:Task|void) (?<name>\w*OA_\d\d\w*)\(",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Test();

    [GeneratedRegex("OA_[0-9]{2}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ids();
}
