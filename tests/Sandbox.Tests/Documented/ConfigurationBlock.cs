using System.Text.Json.Nodes;
using Xunit;

namespace Sandbox.Tests.Documented;

/// <summary>One block of settings in a page of the repository.</summary>
/// <param name="Page">Path of the page in the repository.</param>
/// <param name="Number">Which block of the page, from 1 on.</param>
/// <param name="Text">The block as it stands there.</param>
public sealed record ConfigurationBlock(string Page, int Number, string Text)
{
    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Is it the file of operators, which has an object a line?</summary>
    public bool IsOperators => Text.StartsWith("{\"operator\"", StringComparison.Ordinal);

    /// <summary>The settings.</summary>
    public JsonObject Settings => JsonNode.Parse(Text.TrimStart().StartsWith('{') ? Text : "{" + Text + "}")!.AsObject();

    /// <summary>Every block of JSON in the README of the repository and of each project.</summary>
    public static IEnumerable<ConfigurationBlock> All()
    {
        foreach (
            var page in Directory
                .GetFiles(Path.Combine(Root, "src"), "README.md", SearchOption.AllDirectories)
                .Append(Path.Combine(Root, "README.md"))
                .Order(StringComparer.Ordinal)
        )
        {
            var number = 0;
            string? block = null;
            foreach (var line in File.ReadLines(page))
            {
                if (block is null && line == "```json")
                    block = "";
                else if (block is not null && line == "```")
                {
                    yield return new ConfigurationBlock(Path.GetRelativePath(Root, page), ++number, block);
                    block = null;
                }
                else if (block is not null)
                    block += line + "\n";
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Page} {Number}";

    private static string FindRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Gateway.sln")))
            root = root.Parent;
        Assert.NotNull(root);
        return root.FullName;
    }
}
