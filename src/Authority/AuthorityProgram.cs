using Agreements.Loading;
using Ledger;
using Serilog;

namespace Authority;

/// <summary>Composition root of the program: configuration, diagnostics, law, ledger, authority. The sandbox and the tests compose the same parts.</summary>
public static class AuthorityProgram
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="args"><c>--config FILE</c>, or nothing.</param>
    /// <param name="engine">Another engine behind the token endpoint; null for our own.</param>
    /// <returns>Exit code: 1 when the contracts cannot be loaded.</returns>
    public static async Task<int> RunAsync(string[] args, TokenEngine? engine = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(args is ["--config", var file, ..] ? Path.GetFullPath(file) : Path.Combine(Environment.CurrentDirectory, "authority.json"), optional: true)
            .AddEnvironmentVariables()
            .Build();
        var settings = configuration.GetSection("Authority").Get<AuthoritySettings>() ?? new AuthoritySettings();
        var diagnostics = new LoggerConfiguration().ReadFrom.Configuration(configuration).CreateLogger();
        await using var flushed = diagnostics;
        var time = TimeProvider.System;

        await using var law = RegistryWatcher.Start(settings.Contracts, time, out var load);
        foreach (var error in load.Errors) Console.Error.WriteLine(error);
        if (law is null) return 1;
        law.Changed += (_, change) =>
        {
            foreach (var error in change.Errors) diagnostics.Warning("Contracts: {Error}", error.ToString());
            diagnostics.Information(change.Activated ? "Contracts activated: {Policy}" : "Contracts refused, {Policy} stays in force", law.Current.Digest);
        };

        var options = settings.ToOptions();
        using var key = LogOf(settings.Ledger);
        await using var ledger = LedgerWriter.Open(new LedgerOptions { Directory = settings.Ledger.Directory, Origin = settings.Ledger.Origin, Policy = law.Current.Digest }, key, time);
        await using var app = AuthorityHost.Build(options, law, ledger, time, logging => logging.AddSerilog(diagnostics), engine);
        await app.RunAsync();
        return 0;
    }

    // The first start makes the key of this process's own log; afterwards it is read, never replaced.
    private static LogKey LogOf(LedgerSettings settings)
    {
        Directory.CreateDirectory(settings.Directory);
        if (File.Exists(settings.Key)) return LogKey.Load(settings.Key);
        var made = LogKey.Create();
        made.Save(settings.Key);
        return made;
    }
}
