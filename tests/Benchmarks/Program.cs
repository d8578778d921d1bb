using Benchmarks.Exchange;
using Benchmarks.Indexing;
using Benchmarks.Isolation;
using Benchmarks.Issuing;
using Benchmarks.Policy;
using Benchmarks.Sealing;

// dotnet run -c Release --project tests/Benchmarks -- exchange     the whole exchange beside bare YARP, and the batch path
// dotnet run -c Release --project tests/Benchmarks -- isolation what one client's crowd does to another client, beside another build of the
// gateway dotnet run -c Release --project tests/Benchmarks -- tokens the authority beside npm oidc-provider, and the replay guard as it
// fills dotnet run -c Release --project tests/Benchmarks -- index N the search index over N records: filling from the log alone, "who read
// this person" dotnet run -c Release --project tests/Benchmarks -- ledger the ledger by callers and sync time beside SQLite and PostgreSQL,
// large logs, recovery dotnet run -c Release --project tests/Benchmarks -- policy what the law costs on every call: the register of
// dossiers at 12.5 million persons dotnet run -c Release --project tests/Benchmarks -- policy quotas what a share of the quotas costs, on
// one node and in PostgreSQL dotnet run -c Release --project tests/Benchmarks -- policy law [N] looking a grant up among 10 and N
// agreements, loading them, taking a change dotnet run -c Release --project tests/Benchmarks -- policy reload the worst latency at 1,000
// requests/s while 10,000 agreements are reloaded "gateway" and "bare" are the contenders: processes of their own, started by "exchange"
// and pinned to one core.
return args switch
{
    ["exchange", ..] => await ExchangeBenchmark.RunAsync(args[1..]),
    ["isolation", ..] => await IsolationBenchmark.RunAsync(args[1..]),
    ["index", ..] => await IndexBenchmark.RunAsync(args[1..]),
    ["policy", "quotas", ..] => await QuotaBenchmark.RunAsync(args[2..]),
    ["policy", "law", ..] => await LawFigure.RunAsync(args[2..]),
    ["policy", "reload", ..] => await ReloadFigure.RunAsync(args[2..]),
    ["tokens", ..] => await TokensBenchmark.RunAsync(args[1..]),
    ["ledger", ..] => await LedgerBenchmark.RunAsync(args[1..]),
    ["ledger-callers", var folder, var seconds] => await CallersFigure.RunAsync(
        folder,
        int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)
    ),
    ["ledger-callers", var folder, var seconds, .. var callers] => await CallersFigure.RunAsync(
        folder,
        int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture),
        [.. callers.Select(static c => int.Parse(c, System.Globalization.CultureInfo.InvariantCulture))]
    ),
    ["ledger-recovery", var folder] => await RecoveryFigure.RunAsync(folder),
    ["ledger-many", var folder, var records] => await ManyRecordsFigure.RunAsync(
        folder,
        int.Parse(records, System.Globalization.CultureInfo.InvariantCulture)
    ),
    ["policy", ..] => await PolicyBenchmark.RunAsync(args[1..]),
    ["gateway", var settings] => await GatewayContender.RunAsync(settings),
    ["bare-tokens", var settings, var port] => await BareTokens.RunAsync(
        settings,
        int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)
    ),
    ["crowd", var settings] => await CallerProcess.CrowdAsync(settings),
    ["honest", var settings] => await CallerProcess.HonestAsync(settings),
    ["bare", var settings] => await BareContender.RunAsync(settings),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "usage: exchange [--rounds N] [--seconds N] [--out FILE]\n       isolation [--beside DLL] [--rounds N] [--seconds N] [--out FILE]\n       tokens [--rounds N] [--seconds N] [--warm N] [--many N] [--fill EXPONENT] [--out FILE]\n       index [RECORDS [FOLDER]]\n       ledger [--seconds N] [--records N] [--most SECONDS] [--out FILE]\n       policy [--persons N] [--out FILE]"
    );
    return 2;
}
