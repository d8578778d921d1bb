using Xunit;

namespace Gateway.Tests;

/// <summary>
/// Test data made by others, beside the project or in the folder named by GATEWAY_CORPORA; absent only on a developer's machine.
/// </summary>
internal static class Corpora
{
    public static string? Find(string relative)
    {
        var root = Environment.GetEnvironmentVariable("GATEWAY_CORPORA");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); root is null && folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                root = Path.Combine(folder.FullName, "..", "shared", "corpora");
        var path = root is null ? null : Path.Combine(root, relative);
        return path is not null && (File.Exists(path) || Directory.Exists(path)) ? path : null;
    }

    /// <summary>The path; skips the test where the corpus is absent, fails it in CI.</summary>
    public static string Demand(string relative)
    {
        if (Find(relative) is { } path)
            return path;
        Assert.False(
            string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.Ordinal),
            $"The corpus {relative} must be there in CI."
        );
        Assert.Skip($"The corpus {relative} is not on this machine; set GATEWAY_CORPORA.");
        return "";
    }
}
