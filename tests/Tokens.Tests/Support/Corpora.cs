using System.Text.Json;
using Xunit;

namespace Tokens.Tests.Support;

/// <summary>Test data made by others, beside the checkout or where GATEWAY_CORPORA says.</summary>
internal static class Corpora
{
    public static JsonElement Read(params string[] path)
    {
        var file = Find(path);
        if (file is null)
        {
            Assert.False(
                string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.Ordinal),
                "the corpora are missing in CI"
            );
            Assert.Skip("corpora not found: set GATEWAY_CORPORA, or put them into ../shared/corpora beside the project");
        }
        return JsonElement.Parse(File.ReadAllBytes(file));
    }

    private static string? Find(string[] path)
    {
        var roots = new List<string>();
        if (Environment.GetEnvironmentVariable("GATEWAY_CORPORA") is { Length: > 0 } named)
            roots.Add(named);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            roots.Add(Path.Combine(folder.FullName, "..", "shared", "corpora"));
        return roots.Select(root => Path.GetFullPath(Path.Combine([root, .. path]))).FirstOrDefault(File.Exists);
    }
}
