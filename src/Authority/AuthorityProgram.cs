using System.Reflection;
using Agreements;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Ledger;
using Serilog;
using Tokens.Operations;

namespace Authority;

/// <summary>
/// Composition root of the program: configuration, diagnostics, law, ledger, authority. The sandbox and the tests compose the same parts.
/// </summary>
public static class AuthorityProgram
{
    private const string About = """
        The token server: it proves who a partner's system is, and gives it a token of 300 s for one agreement and one purpose.

        Authority [--config FILE]   runs until SIGTERM or Ctrl+C
        Authority --help            this page
        Authority --version         name and version

        FILE is JSON with a section "Authority", and "Serilog" for the diagnostics. Without it authority.json of the current folder
        is read, if it is there. The environment comes on top: Authority__State=/var/lib/authority. Every setting is
        described in src/Authority/README.md.

        Exit codes: 0 ended as asked, 1 the contracts do not load, 2 settings, or what they name, keep it from starting.
        """;

    /// <summary>Runs until the process is asked to stop.</summary>
    /// <param name="args"><c>--config FILE</c>, or nothing.</param>
    /// <param name="engine">Another engine behind the token endpoint; null for our own.</param>
    /// <returns>Exit code: 1 when the contracts cannot be loaded, 2 when settings, or what they name, keep it from starting.</returns>
    public static Task<int> RunAsync(string[] args, TokenEngine? engine = null) =>
        Startup.Tells(args, Assembly.GetEntryAssembly() ?? typeof(AuthorityProgram).Assembly, About)
            ? Task.FromResult(0)
            : Startup.GuardAsync(started => RunAsync(args, engine, started));

    private static async Task<int> RunAsync(string[] args, TokenEngine? engine, Action started)
    {
        var configuration = Startup.Configuration(args, "authority.json");
        var settings = StrictSettings.Read<AuthoritySettings>(configuration, "Authority");
        settings.Check();

        // The caller reports a start that fails, once.
        var diagnostics = new LoggerConfiguration()
            .ReadFrom.Configuration(configuration)
            .Filter.ByExcluding(static line => line.MessageTemplate.Text == "Hosting failed to start")
            .CreateLogger();
        await using var flushed = diagnostics;
        var time = TimeProvider.System;

        // In a file of its own, because apart from the gateway it has no log that tells what was law before.
        var memory = Path.Combine(Directory.CreateDirectory(settings.State).FullName, "law-book.json");
        var book = LawBook.Open(AtomicFile.Read(memory), text => AtomicFile.Replace(memory, text));
        if (book.IsNew)
            diagnostics.Warning("Nothing is remembered of earlier law: the contracts are taken as they stand, and remembered from now on");
        await using var law = RegistryWatcher.Start(settings.Contracts, time, out var load, OperatorSet.FromFile(settings.Operators), book);
        foreach (var error in load.Errors)
            await Console.Error.WriteLineAsync(error.ToString());
        if (law is null)
            return 1;

        var options = settings.ToOptions();
        await using var log = AuthorityLog.Open(settings.Ledger, law.Current.Digest, time);
        await using var app = AuthorityHost.Build(options, law, log.Ledger, time, logging => logging.AddSerilog(diagnostics), engine);
        app.Lifetime.ApplicationStarted.Register(started);
        await app.RunAsync();
        return 0;
    }
}
