using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agreements;
using Gateway.Authorization;
using Gateway.Quotas;
using Gateway.Quotas.Postgres;
using Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Postgres;
using Tokens.Stores;

namespace Benchmarks.Policy;

/// <summary>
/// What a share of the quotas costs: the counters of one node, which write nothing, and those of several nodes in PostgreSQL.
/// </summary>
internal static class QuotaFigure
{
    private const int Warm = 200_000,
        Measured = 2_000_000,
        Persons = 1_000_000;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);
    private static readonly QuotaGrant Grant = new("ANSS-MENPS-2026-01", "schooling");
    private static readonly QuotaTerms Terms = new()
    {
        PerDay = 1_000_000_000,
        PerMonth = 1_000_000_000,
        BurstPerSecond = int.MaxValue,
        PerSubjectPerDay = 1_000_000,
        PersonsPerDay = 1_000_000_000,
        MissesPerDay = 1_000_000_000,
        MissAllowance = 1_000_000_000,
    };

    public static async Task MeasureAsync(StringBuilder report)
    {
        Counters(report);
        await using var server = new RealPostgres();
        var database = await server.NewDatabase();
        foreach (var (nodes, callers) in new[] { (1, 1), (1, 16), (1, 64), (1, 256), (2, 256) })
            report.AppendLine(await Shared(server, database, nodes, callers));
    }

    private static void Counters(StringBuilder report)
    {
        var (counters, period) = (new GrantCounters(), QuotaPeriod.At(DateTimeOffset.UtcNow));
        for (var i = 0; i < Warm; i++)
            TakeAndSettle(i);
        var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var i = 0; i < Measured; i++)
            TakeAndSettle(Warm + i);
        var (elapsed, bytes) = (Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - before);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"quota, one node, all limits set, {Persons:N0} persons: {elapsed.TotalMicroseconds / Measured:F2} µs for take and settle, {Measured / elapsed.TotalSeconds:N0}/s on one core, {(double)bytes / Measured:F0} bytes (the table of persons as it grows)"
        );

        void TakeAndSettle(int i)
        {
            var ask = new QuotaAsk(
                period,
                (UInt128)(uint)(i % Persons) * 0x9E3779B97F4A7C15,
                "anss-eligibility",
                Office: null,
                Agent: null
            );
            bool taken;
            lock (counters)
                taken = counters.Take(ask, Terms, period.Starts).Refused is null;
            if (!taken)
                throw new InvalidOperationException("refused");
            lock (counters)
                counters.Settle(ask, Charge.Match);
        }
    }

    private static async Task<string> Shared(RealPostgres server, string database, int nodes, int callers)
    {
        var books = Enumerable.Range(0, nodes).Select(node => Node(server, database, $"n{node}")).ToList();
        var times = new List<double>[callers];
        var until = Stopwatch.GetTimestamp() + (long)(Span.TotalSeconds * Stopwatch.Frequency);
        var before = GC.GetTotalAllocatedBytes();
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        var (book, mine) = (books[caller % nodes], times[caller] = []);
                        for (var number = caller; Stopwatch.GetTimestamp() < until; number += callers)
                        {
                            var (began, exchange) = (Stopwatch.GetTimestamp(), Ulid.New(TimeProvider.System));
                            var ask = new QuotaAsk(
                                QuotaPeriod.At(DateTimeOffset.UtcNow),
                                (UInt128)(uint)(number % Persons),
                                "anss-eligibility",
                                Office: null,
                                Agent: null
                            );
                            if (await book.TakeAsync(Grant, ask, Terms, exchange) is not { Refused: null })
                                throw new InvalidOperationException("refused");
                            mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                            book.Settle(Grant, ask, exchange, Charge.Match);
                        }
                    })
                )
        );
        var all = times.SelectMany(static mine => mine).Order().ToArray();
        var bytes = (GC.GetTotalAllocatedBytes() - before) / all.Length;
        foreach (var book in books)
            book.Dispose();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"quota, PostgreSQL, {nodes} node(s), {callers} callers: {all.Length / Span.TotalSeconds:N0}/s taken and settled, take {all[all.Length / 2]:F2} ms median, {all[(int)(all.Length * 0.99)]:F2} ms p99, {bytes:N0} bytes"
        );
    }

    private static PostgresQuotas Node(RealPostgres server, string database, string node)
    {
        var folder = Directory.CreateTempSubdirectory("keys-").FullName;
        foreach (var sector in Sandbox.Persons.SectorToken.Sectors)
            Sandbox.Pki.StateFolder.WriteSecret(
                Path.Combine(folder, $"sector.{sector}.key"),
                Convert.ToHexStringLower(Sandbox.Persons.SectorToken.SandboxKey(sector))
            );
        Sandbox.Pki.StateFolder.WriteSecret(Path.Combine(folder, "dossier.key"), new string('7', 64));
        var keys = SectorKeys.Load(folder, development: true);
        Directory.Delete(folder, recursive: true);
        return new PostgresQuotas(
            new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile },
            node,
            new SharedPersons(keys),
            new WalkAlarm(NullLogger<WalkAlarm>.Instance),
            TimeProvider.System,
            NullLogger<PostgresQuotas>.Instance
        );
    }
}
