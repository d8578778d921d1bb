using Agreements;
using Agreements.Loading;
using Gateway;
using Gateway.Audit;
using Ledger;
using Ledger.Subjects;
using Serilog;
using Tokens.Operations;

// Composition root of the program: configuration, diagnostics, law, ledger, gateway. The sandbox and the tests compose the same parts.
var configuration = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
    .AddJsonFile(args is ["--config", var file, ..] ? Path.GetFullPath(file) : Path.Combine(Environment.CurrentDirectory, "gateway.json"), optional: true)
    .AddEnvironmentVariables()
    .Build();
if (StrictSettings.Read<GatewayOptions>(configuration, "Gateway", out var mistake) is not { } options)
{
    await Console.Error.WriteLineAsync(mistake);
    return 2;
}

var diagnostics = new LoggerConfiguration().ReadFrom.Configuration(configuration).CreateLogger();
await using var flushed = diagnostics;
var time = TimeProvider.System;

var key = LedgerPlace.Key(options);
var book = LawMemory.Open(options, key.Verifier(options.LedgerOrigin));
if (book.IsNew) diagnostics.Warning("Nothing is remembered of earlier law: the contracts are taken as they stand, and remembered from now on");
await using var law = RegistryWatcher.Start(options.Contracts, time, out var load, OperatorSet.FromFile(options.Operators), book);
foreach (var error in load.Errors) Console.Error.WriteLine(error);
if (law is null) return 1;

using var background = new BackgroundWork();
var place = LedgerPlace.Options(options, law.Current.Digest);
var witnesses = new LedgerWitnesses(options);
await witnesses.AskAsync(place, key.Verifier(place.Origin));
await using var ledger = LedgerWriter.Open(place, key, time);
await using var cosigning = witnesses; // ends before the writer does
witnesses.Start(ledger, place, time, report: background.Report);
await using var neighbours = LedgerPlace.Serve(options, ledger, background.Report);
await using var app = GatewayHost.Build(options, law, ledger, new SubjectKeys(options.SubjectKeys, time), time, logging => logging.AddSerilog(diagnostics), witnesses, ledger.Key, background);
await app.RunAsync();
return 0;
