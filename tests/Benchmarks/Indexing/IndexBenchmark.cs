using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuditIndex;
using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sqlite;
using Ledger;
using Ledger.Notes;

namespace Benchmarks.Indexing;

/// <summary>
/// The search index: how fast it is filled from the log alone, and how long "who read this person" takes. Figures are the index's own; a
/// question through the door also waits for its seal.
/// </summary>
internal static class IndexBenchmark
{
    private const string Origin = "anss.example/audit/2026/n1";
    private const int Persons = 400_000;
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 7, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync(string[] args)
    {
        var records = args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Path.Combine(args.Length > 1 ? args[1] : Path.GetTempPath(), "index-bench-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        try
        {
            Console.WriteLine(
                $"{records} records over a year, {Persons} persons, {Environment.ProcessorCount} cores, .NET {Environment.Version}"
            );
            using var key = LogKey.Create();
            await Fill(folder, key, records);
            var source = new LogSource(Origin, Path.Combine(folder, "log"), TrustPolicy.Of(key.Verifier(Origin)));
            using var index = SqliteIndex.OpenToFill(Path.Combine(folder, "index"));
            Reindex(index, source, records);
            await WhoRead(index);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Fill(string folder, LogKey key, long records)
    {
        await using var writer = LedgerWriter.Open(
            new LedgerOptions { Directory = Path.Combine(folder, "log"), Origin = Origin },
            key,
            TimeProvider.System
        );
        var step = TimeSpan.FromDays(350) / records;
        var watch = Stopwatch.StartNew();
        for (long next = 0; next < records; next += 1000)
        {
            Reservation? seat;
            while (!writer.TryReserve(1000, out seat))
                await Task.Delay(1);
            using (seat)
                await writer.AppendAsync(seat, [.. Enumerable.Range(0, 1000).Select(i => Record(next + i, Start + step * (next + i)))]);
        }

        Console.WriteLine($"log written in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private static SealedRecord Record(long number, DateTimeOffset at) =>
        SealedRecord.Of(
            Encoding.ASCII.GetBytes(
                $$"""{"v":1,"ev":"access","id":"01M4ZDBB2GDE{{number:00000000000000}}","ts":"{{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","org":"ma.anss","cli":"ma.anss.office-{{number % 200:000}}","x5t":"YKP8gM2NCHvIFo9lcCadxQCGOzN0JKB6pxuaEE3CXH8","ip":"10.20.0.14","jti":"Zr8kQ1v2T0aYb7cXw4mN5p","agent":"ag-{{number * 31 % 3000}}","aal":"stated","office":"TER-06181-01","op":"education.school-enrolment.read","purp":"FILE_ASSISTANCE","agr":"ANSS-MENPS-2026-0{{number % 5}}@3","pol":"QaRUpB3iDFCwyTjfBkcXxg","gate":"open","sk":"2026q4","subj":"{{PseudonymOf((int)(number * 7919 % Persons))}}","out":"permit","match":"MATCHED","st":200,"fld":["enrolment.status","enrolment.schoolYear","enrolment.since","enrolment.schoolCode"],"len":263,"qdig":"TlJY-hGFwQzT84bGYUDXgJ8iqiQcn65RHtkgWnBOvLk","rdig":"rbpN2Y7DWVX03V1irOp0B73sKHRHrxZ8gLKz8NO-TWI","prov":[{"id":"ma.menps","src":"MENPS-MASSAR","st":200,"ms":31}],"ms":[0,31,34],"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}"""
            )
        );

    private static string PseudonymOf(int person) => Base64Url.EncodeToString(SHA256.HashData(BitConverter.GetBytes(person)).AsSpan(0, 16));

    private static void Reindex(SqliteIndex index, LogSource source, long records)
    {
        var watch = Stopwatch.StartNew();
        index.BeginRebuild();
        new Follower(index, [source], 65_536).CatchUp();
        var filled = watch.Elapsed;
        index.EndRebuild();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"reindex {records / watch.Elapsed.TotalSeconds:0} records/s ({filled.TotalSeconds:0.0} s rows and roll-ups, {(watch.Elapsed - filled).TotalSeconds:0.0} s secondary indexes)"
            )
        );
    }

    private static async Task WhoRead(SqliteIndex index)
    {
        var times = new List<double>();
        long rows = 0;
        for (var i = 0; i < 600; i++)
        {
            // As a search over a year: six tokens under four quarters' keys, one of which was used here.
            var person = RandomNumberGenerator.GetInt32(Persons);
            var subjects = Enumerable
                .Range(1, 4)
                .SelectMany(quarter =>
                    Enumerable
                        .Range(0, 6)
                        .Select(token => new SubjectPseudonym(
                            $"2026q{quarter}",
                            PseudonymOf(token == 0 ? person : Persons + person + token)
                        ))
                )
                .ToList();
            var began = Stopwatch.GetTimestamp();
            rows += (await index.List(new RecordFilter { Subjects = subjects }, null, 50, default)).Count;
            if (i >= 100)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"who read this person: p50 {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms, {rows / 600.0:0.0} rows each, over 12 monthly files, 6 tokens x 4 quarters"
            )
        );
    }
}
