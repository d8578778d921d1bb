namespace Agreements.Tests.Documents;

/// <summary>The files of the repository that people write, as they lie on disk: nothing that a build made.</summary>
internal static class Repository
{
    private static readonly string[] Made = ["bin", "obj", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts"];
    private static readonly string[] Folders = ["", "src", "tests", "contracts", "docs", "certs-dev", ".ci", ".github"];
    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        ".cs",
        ".md",
        ".yaml",
        ".yml",
        ".json",
        ".sql",
        ".sh",
        ".py",
        ".mjs",
        ".js",
        ".ts",
        ".go",
        ".props",
        ".csproj",
        ".txt",
        ".editorconfig",
    };

    public static string Root { get; } = Above(AppContext.BaseDirectory);

    /// <summary>Path from the root, with slashes, and text of each file.</summary>
    public static IReadOnlyList<(string Path, string Text)> Files { get; } =
    [
        .. from folder in Folders
        where Directory.Exists(Path.Combine(Root, folder))
        from file in Within(Path.Combine(Root, folder), deep: folder.Length > 0)
        select (Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText(file)),
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Has(string path) => File.Exists(Path.Combine(Root, path)) || Directory.Exists(Path.Combine(Root, path));

    private static string Above(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static IEnumerable<string> Within(string folder, bool deep)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            if (Kinds.Contains(Path.GetExtension(file)) && Path.GetFileName(file) != "packages.lock.json")
                yield return file;
        if (!deep)
            yield break;
        foreach (var inner in Directory.EnumerateDirectories(folder))
            if (!Made.Contains(Path.GetFileName(inner), StringComparer.Ordinal))
                foreach (var file in Within(inner, deep: true))
                    yield return file;
    }
}
