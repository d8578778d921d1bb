using Sandbox;
using Sandbox.Pki;

namespace Admin.Tests;

/// <summary>One town for the tests that need servers; every test brings its own clients or leaves what it found.</summary>
public sealed class TheTown : IAsyncLifetime
{
    internal Town Town { get; private set; } = null!;
    internal string Contracts => Town.Contracts.Folder;
    internal string Ca => Town.Pki.AuthorityFile(DevelopmentPki.Servers);
    internal string Partners => Town.Pki.AuthorityFile(DevelopmentPki.Partners);

    public async ValueTask InitializeAsync() =>
        Town = await Town.StartAsync(new TownOptions { Pupils = 200, EditContracts = OpenEmployment });

    /// <summary>One grant is for every system of the agency, so that a newcomer of a test has a right.</summary>
    private static void OpenEmployment(string contracts)
    {
        var path = Path.Combine(contracts, "agreements", "ANSS-ANAPEC-2026-01.yaml");
        var text = File.ReadAllText(path);
        const string named = "\n    clients: [anss-inclusion, anss-eligibility]";
        Assert.Contains(named, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(named, "", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync() => Town.DisposeAsync();

    /// <summary>Arguments of a command that a client of the town runs against the token server.</summary>
    internal string[] As(string client, params string[] more)
    {
        var entry = Town.File.Clients.First(one => one.Id == client);
        string[] key = entry.Key is null ? [] : ["--key", entry.Key];
        return
        [
            .. more,
            "--issuer",
            Town.File.Issuer,
            "--client",
            client,
            "--ca",
            Ca,
            "--certificate",
            entry.Certificate,
            "--certificate-key",
            entry.CertificateKey,
            .. key,
        ];
    }

    /// <summary>Runs a command until it ends so: files and status lists are looked at every second.</summary>
    internal static async Task<Outcome> Until(int exit, params string[] args)
    {
        for (var i = 0; ; i++)
        {
            var outcome = await Ctl.Run(args);
            if (outcome.Exit == exit || i == 30)
                return outcome.Ended(exit);
            await Task.Delay(1000);
        }
    }
}

[CollectionDefinition(nameof(TheTown))]
public sealed class TownCollection : ICollectionFixture<TheTown>;
