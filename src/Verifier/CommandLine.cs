using System.Globalization;
using System.Security.Cryptography;
using Ledger;
using Ledger.Retention;

namespace Verifier;

/// <summary>
/// <code>
/// verifier receipt HEADERFILE [--body B] [--request R] [--entry E | --log DIR] [--lang fr|ar|en] (--vkey KEY… | --policy P) [--managed]
/// verifier proof   FILE --entry E                                             (--vkey KEY… | --policy P) [--managed]
/// verifier log     DIR|URL [--old CHECKPOINT…] [--jsonl FILE] [--min-index N] [--hashes-only] [--ca PEM] [--certificate PEM --certificate-key PEM]
///                                                                             (--vkey KEY… | --policy P) [--managed]
/// verifier pack    PACK.zip                                                   [--vkey KEY… | --policy P] [--managed]
/// verifier certificate FILE                                                   (--vkey KEY… | --policy P) [--managed]
/// verifier witness-key FILE --name NAME
/// verifier witness --name NAME --key FILE --log VKEY… [--state DIR] [--listen ADDRESS:PORT] [--certificate PEM --certificate-key PEM]
/// </code>
/// </summary>
public static class CommandLine
{
    /// <summary>Exit code 0 only if everything asked holds; otherwise 1 and one line <c>FAIL: reason</c>.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        var result = Try(args, output);
        output.WriteLine(result.Holds ? "OK: " + result.Sentence : "FAIL: " + result.Sentence.ReplaceLineEndings(" "));
        return result.Holds ? 0 : 1;
    }

    private static CheckResult Try(string[] args, TextWriter output)
    {
        try
        {
            var arguments = Arguments.Parse(args);
            return arguments.Command switch
            {
                "receipt" => Receipt(arguments),
                "proof" => Proof(arguments),
                "pack" => new PackCheck(arguments.Has("--policy") || arguments.Has("--vkey") ? arguments.Policy() : null, arguments.Ed25519).Run(arguments.Target),
                "certificate" => Certificate(arguments),
                "witness" => WitnessCommand.Serve(arguments, output),
                "witness-key" => WitnessCommand.MakeKey(arguments),
                _ => Log(arguments),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or CryptographicException or LedgerUnavailable)
        {
            return CheckResult.Fails(e.Message);
        }
    }

    private static CheckResult Receipt(Arguments arguments) => new ReceiptCheck(arguments.Policy())
    {
        Body = arguments.Bytes("--body"),
        Request = arguments.Bytes("--request"),
        Entry = arguments.Bytes("--entry"),
        LogDirectory = arguments.One("--log"),
        Language = arguments.One("--lang") ?? "en",
    }.Run(File.ReadAllText(arguments.Target));

    private static CheckResult Proof(Arguments arguments) => new ProofCheck(arguments.Policy())
        .Run(File.ReadAllText(arguments.Target), arguments.Bytes("--entry") ?? throw new FormatException("proof needs --entry"));

    private static CheckResult Certificate(Arguments arguments) =>
        !DestructionCertificate.TryParse(File.ReadAllText(arguments.Target), out var certificate) ? CheckResult.Fails("the file is not a destruction certificate")
        : certificate.Holds(arguments.Policy(), out var sentence) ? CheckResult.Proved(sentence)
        : CheckResult.Fails(sentence);

    private static CheckResult Log(Arguments arguments)
    {
        using var lines = arguments.One("--jsonl") is { } file ? File.Create(file) : null;
        var check = new LogCheck(arguments.Policy())
        {
            Old = [.. arguments.All("--old").Select(File.ReadAllText)],
            Lines = lines,
            HashesOnly = arguments.Has("--hashes-only"),
            FirstRecord = long.Parse(arguments.One("--min-index") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture),
        };
        if (!arguments.Target.StartsWith("https://", StringComparison.Ordinal) && !arguments.Target.StartsWith("http://", StringComparison.Ordinal))
        {
            return check.Run(arguments.Target);
        }

        using var http = RemoteLog.Connect(arguments.One("--ca"), arguments.One("--certificate"), arguments.One("--certificate-key"));
        return check.Run(new RemoteLog(http, new Uri(arguments.Target.EndsWith('/') ? arguments.Target : arguments.Target + "/")));
    }
}
