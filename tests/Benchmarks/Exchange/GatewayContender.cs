using Agreements.Loading;
using Gateway;
using Gateway.Audit;
using Ledger;
using Ledger.Subjects;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Exchange;

/// <summary>The whole exchange in a process of its own: mutual TLS, token, policy, forward, minimize, seal durably, release.</summary>
public static class GatewayContender
{
    public static async Task<int> RunAsync(string file)
    {
        var settings = Settings.Read(file);
        var time = TimeProvider.System;
        await using var law = RegistryWatcher.Start(settings.Gateway.Contracts, time, out var load)
            ?? throw new InvalidDataException(string.Join('\n', load.Errors));
        using var key = LogKey.Load(settings.LogKey);
        await using var ledger = LedgerWriter.Open(LedgerPlace.Options(settings.Gateway, law.Current.Digest), key, time);
        var app = GatewayHost.Build(
            settings.Gateway,
            law,
            ledger,
            new SubjectKeys(settings.Gateway.SubjectKeys, time),
            time,
            static logging =>
                logging.SetMinimumLevel(LogLevel.Error).AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        );
        await app.RunAsync();
        return 0;
    }
}
