using System.Net;
using System.Security.Cryptography.X509Certificates;
using Ledger.Notes;
using Ledger.Witnesses;

namespace Verifier;

/// <summary><c>verifier witness</c> and <c>verifier witness-key</c>: what another institution runs to remember our log for us.</summary>
internal static class WitnessCommand
{
    private const int DefaultPort = 8090;

    /// <summary>Makes a key and says its public half.</summary>
    public static CheckResult MakeKey(Arguments arguments)
    {
        using var key = WitnessKey.Create(Needed(arguments, "--name"), arguments.Target);
        return CheckResult.Proved($"the key is made; others verify with {key.Verifier}");
    }

    /// <summary>Serves until the process is asked to stop.</summary>
    public static CheckResult Serve(Arguments arguments, TextWriter output)
    {
        using var key = WitnessKey.Load(Needed(arguments, "--name"), Needed(arguments, "--key"));
        var logs = arguments.All("--log").Select(static text => VerifierKey.Parse(text)).ToList();
        if (logs.Count == 0)
        {
            throw new FormatException("witness needs --log VKEY, once for each key of a log");
        }

        using var witness = new Witness(arguments.One("--state") ?? "witness", key, logs, TimeProvider.System);
        var listen = IPEndPoint.Parse(arguments.One("--listen") ?? $"127.0.0.1:{DefaultPort}");
        using var certificate = arguments.One("--certificate") is { } file ? X509Certificate2.CreateFromPemFile(file, arguments.One("--certificate-key")) : null;
        using var app = WitnessServer.Build(witness, listen, certificate);
        output.WriteLine($"{key.Verifier} cosigns for {string.Join(", ", logs.Select(static log => log.Name).Distinct(StringComparer.Ordinal))} on {listen}");
        app.Run();
        return CheckResult.Proved("stopped");
    }

    private static string Needed(Arguments arguments, string option) => arguments.One(option) ?? throw new FormatException($"{arguments.Command} needs {option}");
}
