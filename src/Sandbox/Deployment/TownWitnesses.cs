using System.Globalization;
using System.Net;
using Ledger.Notes;
using Ledger.Witnesses;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sandbox.Pki;
using Verifier;

namespace Sandbox.Deployment;

/// <summary>
/// Stand-ins for the institutions that cosign the log: each a server of its own with its own key and memory, as another ministry would run
/// it. That they share this process shows the protocol, not the separation.
/// </summary>
public sealed class TownWitnesses : IAsyncDisposable
{
    private readonly List<(WebApplication App, Witness Witness, WitnessKey Key)> _all = [];

    private TownWitnesses(string policyFile) => PolicyFile = policyFile;

    /// <summary>Trust policy that names the log, the witnesses with their addresses, and the quorum.</summary>
    public string PolicyFile { get; }

    /// <summary>Starts them on free ports and writes the policy.</summary>
    /// <param name="state">Keys and memories are kept here.</param>
    /// <param name="log">Key of the log that they know.</param>
    /// <param name="logUrl">Where the log is read.</param>
    /// <param name="count">How many.</param>
    /// <param name="clock">Clock of the cosignatures.</param>
    public static async Task<TownWitnesses> StartAsync(StateFolder state, VerifierKey log, string logUrl, int count, TimeProvider clock)
    {
        var started = new TownWitnesses(state.At("ledger-policy.txt"));
        try
        {
            var lines = new List<string> { $"log {log} {logUrl}" };
            for (var number = 1; number <= count; number++)
                lines.Add(await started.Add(state, log, number, clock));
            var names = string.Join(' ', Enumerable.Range(1, count).Select(static number => $"w{number}"));
            lines.Add(
                count == 0
                    ? "quorum none"
                    : string.Create(CultureInfo.InvariantCulture, $"group outside {count / 2 + 1} {names}\nquorum outside")
            );
            StateFolder.WritePublic(started.PolicyFile, string.Join('\n', lines) + "\n");
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (app, witness, key) in _all)
        {
            await app.DisposeAsync();
            witness.Dispose();
            key.Dispose();
        }
    }

    private async Task<string> Add(StateFolder state, VerifierKey log, int number, TimeProvider clock)
    {
        var (name, file) = ($"witness-{number}.sandbox.example", Path.Combine(state.Folder("keys"), $"witness-{number}.key"));
        var key = File.Exists(file) ? WitnessKey.Load(name, file) : WitnessKey.Create(name, file);
        var witness = new Witness(state.Folder("witnesses", $"w{number}"), key, [log], clock);
        var app = WitnessServer.Build(witness, new IPEndPoint(IPAddress.Loopback, 0));
        _all.Add((app, witness, key));
        await app.StartAsync();
        return $"witness w{number} {key.Verifier} {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()}/";
    }
}
