using Agreements;
using Agreements.Loading;
using Gateway.Audit;
using Ledger;
using Ledger.Subjects;
using Serilog;
using Tokens.Operations;

namespace Gateway;

/// <summary>
/// Composition root of the program: configuration, diagnostics, law, ledger, gateway. The sandbox and the tests compose the same parts.
/// </summary>
public static class GatewayProgram
{
    private const string About = """
        The gateway: it asks an institution what a convention allows, seals a record, and then lets the answer out.

        Gateway [--config FILE]   runs until SIGTERM or Ctrl+C
        Gateway --help            this page
        Gateway --version         name and version

        FILE is JSON with a section "Gateway", and "Serilog" for the diagnostics. Without it gateway.json of the current folder
        is read, if it is there. The environment comes on top: Gateway__DataPort=8443. Every setting is described in
        src/Gateway/README.md and GatewayOptions.cs.

        Exit codes: 0 ended as asked, 1 the contracts do not load, 2 settings, or what they name, keep it from starting.
        """;

    /// <summary>Runs until the process is asked to stop.</summary>
    /// <param name="args"><c>--config FILE</c>, or nothing.</param>
    /// <returns>Exit code: 1 when the contracts cannot be loaded, 2 when settings, or what they name, keep it from starting.</returns>
    public static Task<int> RunAsync(string[] args) =>
        Startup.Tells(args, typeof(GatewayProgram).Assembly, About)
            ? Task.FromResult(0)
            : Startup.GuardAsync(started => RunAsync(args, started));

    private static async Task<int> RunAsync(string[] args, Action started)
    {
        var configuration = Startup.Configuration(args, "gateway.json");
        var options = StrictSettings.Read<GatewayOptions>(configuration, "Gateway");
        Check(options);

        // The caller reports a start that fails, once.
        var diagnostics = new LoggerConfiguration()
            .ReadFrom.Configuration(configuration)
            .Filter.ByExcluding(static line => line.MessageTemplate.Text == "Hosting failed to start")
            .CreateLogger();
        await using var flushed = diagnostics;
        var time = TimeProvider.System;

        var key = LedgerPlace.Key(options);
        var book = LawMemory.Open(options, key.Verifier(options.LedgerOrigin));
        if (book.IsNew)
            diagnostics.Warning("Nothing is remembered of earlier law: the contracts are taken as they stand, and remembered from now on");
        await using var law = RegistryWatcher.Start(options.Contracts, time, out var load, OperatorSet.FromFile(options.Operators), book);
        foreach (var error in load.Errors)
            await Console.Error.WriteLineAsync(error.ToString());
        if (law is null)
            return 1;

        using var background = new BackgroundWork();
        var place = LedgerPlace.Options(options, law.Current.Digest);
        var witnesses = new LedgerWitnesses(options);
        await witnesses.AskAsync(place, key.Verifier(place.Origin));
        await using var ledger = LedgerWriter.Open(place, key, time);
        await using var cosigning = witnesses; // ends before the writer does
        witnesses.Start(ledger, place, time, report: background.Report);
        await using var neighbours = LedgerPlace.Serve(options, ledger, background.Report);
        var subjects = new SubjectKeys(options.SubjectKeys, time);
        void Log(ILoggingBuilder logging) => logging.AddSerilog(diagnostics);
        await using var app = GatewayHost.Build(options, law, ledger, subjects, time, Log, witnesses, ledger.Key, background);
        app.Lifetime.ApplicationStarted.Register(started);
        await app.RunAsync();
        return 0;
    }

    private static void Check(GatewayOptions options)
    {
        var check = new SettingsCheck("Gateway")
            .NeedsFolder(nameof(options.Contracts), options.Contracts)
            .MayName(nameof(options.Operators), options.Operators)
            .Outside(nameof(options.Operators), options.Operators, options.Contracts)
            .Outside(nameof(options.LawBook), options.LawBook, options.Contracts)
            .Outside(nameof(options.RevocationBook), options.RevocationBook, options.Contracts)
            .NeedsFile(nameof(options.ServerCertificate), options.ServerCertificate)
            .NeedsSecret(nameof(options.ServerKey), options.ServerKey, SecretFile.WhyNot)
            .NeedsFile(nameof(options.ClientCertificate), options.ClientCertificate)
            .NeedsSecret(nameof(options.ClientKey), options.ClientKey, SecretFile.WhyNot)
            .NeedsSecret(nameof(options.AssertionKey), options.AssertionKey, SecretFile.WhyNot)
            .NeedsHttps(nameof(options.Resource), options.Resource)
            .NeedsHttps(nameof(options.Issuer), options.Issuer)
            .NeedsHttps(nameof(options.IssuerJwks), options.IssuerJwks)
            .NeedsFile(nameof(options.IssuerTrust), options.IssuerTrust)
            .NeedsFolder(nameof(options.Keys), options.Keys)
            .MayKeepIn(nameof(options.Keys), options.Keys, "*.key", SecretFile.WhyNot)
            .Needs(nameof(options.LedgerOrigin), options.LedgerOrigin)
            .NeedsSecret(nameof(options.LedgerKey), options.LedgerKey, SecretFile.WhyNot)
            .MayKeep(nameof(options.LedgerKey), LogKey.SecondFile(options.LedgerKey), SecretFile.WhyNot)
            .MayName(nameof(options.LedgerPolicy), options.LedgerPolicy)
            .MayName(nameof(options.LedgerPrevious), options.LedgerPrevious)
            .Needs(nameof(options.SubjectKeys), options.SubjectKeys)
            .MayWriteIn(nameof(options.SubjectKeys), options.SubjectKeys)
            .MayKeepIn(nameof(options.SubjectKeys), options.SubjectKeys, "*", SecretFile.WhyNot)
            .MayWriteIn("Index:Folder", options.Index.Postgres is { Length: > 0 } ? null : options.Index.Folder)
            .MayWriteIn(nameof(options.Spool), options.Spool)
            .MayWrite(nameof(options.LawBook), options.LawBook)
            .MayWrite(nameof(options.RevocationBook), options.RevocationBook)
            .MayWrite(nameof(options.CertificatesSeen), options.CertificatesSeen)
            .MayListenAt(nameof(options.LedgerSocket), options.LedgerSocket)
            .Store(nameof(options.Status), options.Status)
            .Store(nameof(options.Replay), options.Replay)
            .Store(nameof(options.DossierStore), options.DossierStore)
            .MayBeServer(nameof(options.Quotas), options.Quotas);
        foreach (var feed in options.Feeds)
            check
                .MayWrite($"Feeds:{feed.Name}:Cursor", feed.Cursor)
                .MayWrite($"Feeds:{feed.Name}:File", feed.File)
                .MayKeep($"Feeds:{feed.Name}:Key", feed.Key, SecretFile.WhyNot);
        Passwords(check, options);
        check
            .Binds(nameof(options.Bind), options.Bind)
            .Binds(nameof(options.OperationsBind), options.OperationsBind)
            .Port(nameof(options.DataPort), options.DataPort)
            .Port(nameof(options.DpopPort), options.DpopPort)
            .Port(nameof(options.DiagnosePort), options.DiagnosePort)
            .Port(nameof(options.OperationsPort), options.OperationsPort)
            .Grace(nameof(options.StopGrace), options.StopGrace)
            .AboveZero(nameof(options.SourceTimeout), options.SourceTimeout.TotalSeconds)
            .AboveZero(nameof(options.ConnectionsPerAddress), options.ConnectionsPerAddress)
            .AboveZero(nameof(options.NewConnectionsPerSecond), options.NewConnectionsPerSecond)
            .AboveZero(nameof(options.HandshakesAtOnce), options.HandshakesAtOnce);
        foreach (var network in options.ProviderNetworks)
        {
            var isNetwork = System.Net.IPNetwork.TryParse(network, out _);
            check.Holds(nameof(options.ProviderNetworks), isNetwork, $"holds '{network}', which is no network (10.0.0.0/8)");
        }
        Sets(check, nameof(options.ClientAuthorities), options.ClientAuthorities);
        Sets(check, nameof(options.ProviderAuthorities), options.ProviderAuthorities);
        Sets(check, nameof(options.IssuerAuthorities), options.IssuerAuthorities);
        check.Throw();
    }

    private static void Passwords(SettingsCheck check, GatewayOptions options) =>
        check
            .MayKeep("Status:PasswordFile", options.Status.PasswordFile, SecretFile.WhyNot)
            .MayKeep("Replay:PasswordFile", options.Replay.PasswordFile, SecretFile.WhyNot)
            .MayKeep("Quotas:PasswordFile", options.Quotas.PasswordFile, SecretFile.WhyNot)
            .MayKeep("DossierStore:PasswordFile", options.DossierStore.PasswordFile, SecretFile.WhyNot)
            .MayKeep("Index:PasswordFile", options.Index.PasswordFile, SecretFile.WhyNot);

    private static void Sets(SettingsCheck check, string name, Dictionary<string, string> sets)
    {
        foreach (var (set, file) in sets)
            check.NeedsFile($"{name}:{set}", file);
    }
}
