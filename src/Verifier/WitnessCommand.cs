using System.CommandLine;
using System.Net;
using Ledger;
using Ledger.Notes;
using Ledger.Witnesses;
using Wording;

namespace Verifier;

/// <summary><c>verifier witness</c> and <c>verifier witness-key</c>: what another institution runs to remember our log for us.</summary>
internal static class WitnessCommand
{
    private const string DefaultPlace = "127.0.0.1:8090";

    /// <summary>Makes a key and says its public half.</summary>
    public static CheckResult MakeKey(Arguments arguments, Option<string?> name)
    {
        using var key = Named(arguments.One(name)!, id => Arguments.Read(arguments.Target, file => WitnessKey.Create(id, file)));
        return CheckResult.Proved(arguments.Sentences.Say("key-made", key.Verifier.ToString()));
    }

    /// <summary>Serves until the process is asked to stop.</summary>
    public static CheckResult Serve(
        Arguments arguments,
        Option<string?> name,
        Option<string?> keyFile,
        Option<string[]> logs,
        Option<string?> state,
        Option<string?> place
    )
    {
        var say = arguments.Sentences;
        using var key = Named(arguments.One(name)!, id => Arguments.Read(arguments.One(keyFile)!, file => WitnessKey.Load(id, file)));
        var keys = arguments.All(logs).Select(arguments.Key).ToList();
        var text = arguments.One(place) ?? DefaultPlace;
        if (!IPEndPoint.TryParse(text, out var listen))
            throw new Wrong("listen-form", text, place.Name, DefaultPlace);
        using var witness = new Witness(arguments.One(state) ?? "witness", key, keys, TimeProvider.System);
        using var certificate = arguments.One(Commands.Certificate) is { } file
            ? Arguments.Read(file, pem => SecretFile.Certificate(pem, arguments.One(Commands.CertificateKey)))
            : null;
        using var app = WitnessServer.Build(witness, listen, certificate);
        var names = Blank.List(keys.Select(static log => log.Name).Distinct(StringComparer.Ordinal));
        arguments.Output.WriteLine(say.Say("cosigns", key.Verifier.ToString(), names, listen.ToString()));
        app.Run();
        return CheckResult.Proved(say.Say("stopped"));
    }

    private static WitnessKey Named(string name, Func<string, WitnessKey> make)
    {
        try
        {
            return make(name);
        }
        catch (FormatException)
        {
            throw new Wrong("witness-name", name);
        }
    }
}
