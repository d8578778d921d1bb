using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Ledger.Notes;
using Ledger.Witnesses;
using Verifier;

namespace Admin.CommandLine;

/// <summary><c>witness …</c>: remembers the log of another institution and cosigns what continues it. The same server as <c>verifier witness</c>, for those who have this tool.</summary>
internal static class WitnessCommands
{
    private static readonly Option<string> Name = new("--name") { Description = "Key name of the witness, for example witness.cndp.example/w1", Required = true };

    internal static Command Create(TimeProvider time) => new("witness", "Cosigns another institution's log (C2SP tlog-witness).") { Key(time), Serve(time) };

    private static Command Key(TimeProvider time)
    {
        var file = new Argument<string>("file") { Description = "Where the key is kept, mode 0400; never overwritten" };
        var command = new Command("key", "Makes a key and prints what the log's owner writes into its policy file.") { file, Name };
        return command.Does(time, (parsed, terminal) =>
        {
            using var key = WitnessKey.Create(parsed.GetValue(Name)!, parsed.GetValue(file)!);
            terminal.Say($"✓ {key.Verifier}");
            terminal.Answer(new { vkey = key.Verifier.ToString() });
            return Exit.Ok;
        });
    }

    private static Command Serve(TimeProvider time)
    {
        var file = new Option<string>("--key") { Description = "Key file", Required = true };
        var logs = new Option<string[]>("--log") { Description = "Verifier key of a log; once for each", Required = true };
        var state = new Option<string>("--state") { Description = "Folder of the witness's memory; never restored from a backup", DefaultValueFactory = _ => "witness" };
        var listen = new Option<string>("--listen") { Description = "Address and port", DefaultValueFactory = _ => "127.0.0.1:8090" };
        var certificate = new Option<string?>("--certificate") { Description = "PEM for https; none behind a server that ends TLS" };
        var certificateKey = new Option<string?>("--certificate-key") { Description = "PEM of its key" };
        var command = new Command("serve", "Serves until it is stopped.") { Name, file, logs, state, listen, certificate, certificateKey };
        return command.Does(time, async (parsed, terminal, stop) =>
        {
            using var key = WitnessKey.Load(parsed.GetValue(Name)!, parsed.GetValue(file)!);
            using var witness = new Witness(parsed.GetValue(state)!, key, parsed.GetValue(logs)!.Select(static text => VerifierKey.Parse(text)), terminal.Time);
            using var shown = parsed.GetValue(certificate) is { } pem ? X509Certificate2.CreateFromPemFile(pem, parsed.GetValue(certificateKey)) : null;
            await using var app = WitnessServer.Build(witness, IPEndPoint.Parse(parsed.GetValue(listen)!), shown);
            terminal.Say($"{key.Verifier} listens on {parsed.GetValue(listen)}");
            await app.StartAsync(stop);
            await app.WaitForShutdownAsync(stop);
            return Exit.Ok;
        });
    }
}
