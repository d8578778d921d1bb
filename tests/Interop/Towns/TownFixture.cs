using Interop.Towns;
using Sandbox;

[assembly: AssemblyFixture(typeof(TownFixture))]

namespace Interop.Towns;

/// <summary>One town for all tests of this project, with clients of every kind; and the npm packages.</summary>
public sealed class TownFixture : IAsyncLifetime
{
    public Town Town { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var packages = Node.NodePackages.Ensure();
        Town = await Town.StartAsync(new TownOptions { Pupils = 1000 });
        await packages;
    }

    public ValueTask DisposeAsync() => Town.DisposeAsync();
}
