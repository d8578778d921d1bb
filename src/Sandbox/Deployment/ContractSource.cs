namespace Sandbox.Deployment;

/// <summary>Finds the contracts that a town is made from.</summary>
public static class ContractSource
{
    /// <summary>The folder beside the program (a copy made by the build), or <c>contracts/</c> of the repository above it.</summary>
    /// <exception cref="DirectoryNotFoundException">There is neither.</exception>
    public static string Find()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "contracts");
        if (Directory.Exists(beside))
            return beside;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = Path.Combine(folder.FullName, "contracts");
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")) && Directory.Exists(found))
                return found;
        }
        throw new DirectoryNotFoundException(
            "No contracts folder beside the program or in a repository above it: name one with --contracts."
        );
    }
}
