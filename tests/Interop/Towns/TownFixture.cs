using Authority;
using Interop.Node;
using Interop.Towns;
using Sandbox;

[assembly: AssemblyFixture(typeof(TownFixture))]

namespace Interop.Towns;

/// <summary>
/// One town for all tests of this project, with clients of every kind and one of them as the resource server that may introspect; and
/// the npm packages. Signing keys are announced seconds before they sign, so that a rotation can be watched.
/// </summary>
public sealed class TownFixture : IAsyncLifetime
{
    /// <summary>Longer than the pause that the gateway makes between two looks for an unknown key.</summary>
    private static readonly TimeSpan Announced = Tokens.Access.IssuerKeys.UnknownKeyPause + TimeSpan.FromSeconds(2);
    private readonly InteropClients _clients = new();

    public Town Town { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var packages = NodePackages.Ensure();
        Town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 1000,
                EditContracts = _clients.Register,
                ConfigureAuthority = Configure,
            }
        );
        await packages;
    }

    /// <summary>Runs one case of a script of <c>clients/</c>; the test's output shows what it established.</summary>
    /// <param name="script">File in <c>clients/</c>.</param>
    /// <param name="name">Case.</param>
    internal async Task<IReadOnlyCollection<string>> Run(string script, string name)
    {
        var facts = await NodeProgram.Run(script, Settings, name);
        foreach (var fact in facts)
            TestContext.Current.TestOutputHelper?.WriteLine(fact);
        Assert.NotEmpty(facts);
        return facts;
    }

    /// <summary>What every script is told.</summary>
    internal string Settings => _clients.Settings(Town);

    public async ValueTask DisposeAsync()
    {
        await Town.DisposeAsync();
        _clients.Dispose();
    }

    private static void Configure(AuthorityOptions authority)
    {
        authority.Resources = [new ResourceOptions(authority.Resources[0].Id, [InteropClients.Batch])];
        authority.Keys.AnnounceFor = Announced;
    }
}
