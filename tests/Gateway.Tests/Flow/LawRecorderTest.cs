using System.Text.Json;
using Agreements.Loading;
using Contracts;
using Gateway.Audit;
using Gateway.Tests.Authentication;
using Ledger;
using Ledger.Tiles;
using Microsoft.Extensions.Logging.Abstractions;
using Tokens.Operations;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>What is law stands in the log, however large the set.</summary>
public sealed class LawRecorderTest : IDisposable
{
    private const int Many = LedgerWriter.LargestAppend + 100;
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task More_agreements_than_one_append_takes_are_sealed_all_and_the_set_that_they_make_comes_last()
    {
        var contracts = CopiedContracts.To(Path.Combine(_folder, "contracts"));
        contracts.WriteKeys();
        contracts.Multiply("ANSS-MENPS-2026-01", Many);
        var law = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out var load);
        Assert.True(law is not null, string.Join('\n', load.Errors.Take(3)));
        await using var watched = law;
        using var key = LogKey.Create();
        var options = new LedgerOptions
        {
            Directory = Path.Combine(_folder, "log"),
            Origin = "anss.example/audit/2026/n1",
            SegmentBytes = 4 << 20,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
        };
        await using (var ledger = LedgerWriter.Open(options, key, TimeProvider.System))
        {
            var before = ledger.Size;
            using var background = new BackgroundWork();
            using var recorder = new LawRecorder(law, ledger, background, TimeProvider.System, NullLogger<LawRecorder>.Instance);
            await recorder.StartAsync(TestContext.Current.CancellationToken);
            await Soon.Holds(
                () => Task.FromResult(ledger.Size > before + Many || recorder.ExecuteTask is { IsCompleted: true }),
                "all of it is sealed"
            );
            await recorder.StopAsync(TestContext.Current.CancellationToken);
        }

        var records = LogReader
            .Open(options.Directory, key.Verifier(options.Origin))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
            .ToList();
        var sealedAgreements = records
            .Where(static record => Event(record) == "agreement")
            .Select(static record => record.GetProperty("agr").GetString())
            .ToList();
        Assert.Equal(
            Enumerable.Range(0, Many).Select(static i => CopiedContracts.Other(i) + "@3"),
            sealedAgreements.Order(StringComparer.Ordinal)
        );
        var config = records.FindIndex(static record => Event(record) == "config");
        Assert.Equal(Many, records[config].GetProperty("counts").GetProperty("agreements").GetInt32());
        Assert.True(config > records.FindLastIndex(static record => Event(record) == "agreement"));
    }

    private static string? Event(JsonElement record) => record.GetProperty("ev").GetString();
}
