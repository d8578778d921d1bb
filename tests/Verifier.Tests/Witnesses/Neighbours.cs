using System.Net;
using Ledger.Notes;
using Ledger.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Verifier.Tests.Witnesses;

/// <summary>Some witnesses over real sockets, with the policy that names them.</summary>
internal sealed class Neighbours : IAsyncDisposable
{
    private readonly List<(WebApplication App, Witness Witness, WitnessKey Key)> _all = [];

    private Neighbours() { }

    public string Folder { get; } = Directory.CreateTempSubdirectory("witnesses-").FullName;

    public TrustPolicy Policy { get; private set; } = null!;

    public string PolicyText { get; private set; } = "";

    public static async Task<Neighbours> Of(VerifierKey log, int count, string quorum)
    {
        var neighbours = new Neighbours();
        var lines = new List<string> { $"log {log}" };
        for (var i = 1; i <= count; i++)
        {
            var key = WitnessKey.Create($"witness.example/w{i}", Path.Combine(neighbours.Folder, $"w{i}.pem"));
            var witness = new Witness(Path.Combine(neighbours.Folder, $"w{i}"), key, [log], TimeProvider.System);
            var app = WitnessServer.Build(witness, new IPEndPoint(IPAddress.Loopback, 0));
            await app.StartAsync();
            neighbours._all.Add((app, witness, key));
            lines.Add($"witness w{i} {key.Verifier} {Address(app)}");
        }

        lines.Add(quorum);
        neighbours.PolicyText = string.Join('\n', lines) + "\n";
        neighbours.Policy = TrustPolicy.Parse(neighbours.PolicyText);
        return neighbours;
    }

    /// <summary>Address of a witness, with a slash at the end.</summary>
    public Uri UrlOf(int number) => new(Address(_all[number - 1].App));

    /// <summary>Ends one of them.</summary>
    public async Task Silence(int number)
    {
        await _all[number - 1].App.DisposeAsync();
        _all[number - 1].Witness.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (app, witness, key) in _all)
        {
            await app.DisposeAsync();
            witness.Dispose();
            key.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string Address(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/";
}
