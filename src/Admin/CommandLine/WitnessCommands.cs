using System.CommandLine;
using System.Net;
using Ledger;
using Ledger.Notes;
using Ledger.Witnesses;
using Verifier;

namespace Admin.CommandLine;

/// <summary>
/// <c>witness …</c>: remembers the log of another institution and cosigns what continues it. The same server as <c>verifier witness</c>,
/// for those who have this tool.
/// </summary>
internal static class WitnessCommands
{
    private static readonly Option<string> Name = new("--name") { Required = true };

    internal static Command Create(TimeProvider time) => new("witness") { Key(time), Serve(time) };

    private static Command Key(TimeProvider time)
    {
        var file = new Argument<string>("file");
        var command = new Command("key") { file, Name };
        return command.Does(time, (parsed, terminal) =>
        {
            using var key = WitnessKey.Create(parsed.GetValue(Name)!, parsed.GetValue(file)!);
            terminal.Done("witness-key", key.Verifier.ToString());
            terminal.Answer(new { vkey = key.Verifier.ToString() });
            return Exit.Ok;
        });
    }

    private static Command Serve(TimeProvider time)
    {
        var file = new Option<string>("--key") { Required = true };
        var logs = new Option<string[]>("--log") { Required = true };
        var state = new Option<string>("--state") { DefaultValueFactory = _ => "witness" };
        var listen = new Option<string>("--listen") { DefaultValueFactory = _ => "127.0.0.1:8090" };
        var certificate = new Option<string?>("--certificate");
        var certificateKey = new Option<string?>("--certificate-key");
        var command = new Command("serve") { Name, file, logs, state, listen, certificate, certificateKey };
        return command.Does(time, async (parsed, terminal, stop) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out var address))
                throw Declined.Usage("no-address-and-port", listen.Name, parsed.GetValue(listen)!);
            using var key = WitnessKey.Load(parsed.GetValue(Name)!, parsed.GetValue(file)!);
            using var witness = new Witness(
                parsed.GetValue(state)!,
                key,
                parsed.GetValue(logs)!.Select(static text => VerifierKey.Parse(text)),
                terminal.Time
            );
            using var shown = parsed.GetValue(certificate) is { } pem ? SecretFile.Certificate(pem, parsed.GetValue(certificateKey)) : null;
            await using var app = WitnessServer.Build(witness, address, shown);
            terminal.Say("witness-listens", key.Verifier.ToString(), parsed.GetValue(listen)!);
            await app.StartAsync(stop);
            await app.WaitForShutdownAsync(stop);
            return Exit.Ok;
        });
    }
}
