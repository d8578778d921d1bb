using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Tokens.Stores;

namespace Benchmarks.Policy;

/// <summary>The register of dossiers: loading it in chunks as the API takes them, starting from its log, and asking it.</summary>
internal static class DossierFigure
{
    private const string Agreement = "ANSS-MENPS-2026-01",
        Quality = "ASD_CHILD_SCHOOL_AGE";
    private static readonly ImmutableArray<string> Qualities = [Quality];
    private const int Chunk = 500,
        Asked = 1_000_000,
        Rounds = 7;
    private static readonly DateOnly Day = new(2026, 11, 2);
    private static readonly byte[] Key = new byte[32];

    public static async Task MeasureAsync(StringBuilder report, string folder, int persons)
    {
        var store = new StoreSettings { File = Path.Combine(folder, "dossiers.db") };
        report.AppendLine(CultureInfo.InvariantCulture, $"register of dossiers, {persons:N0} persons, one period each, SQLite");
        await LoadAsync(report, store, persons);
        var files = Directory.GetFiles(folder, "dossiers.db*").Sum(static file => new FileInfo(file).Length);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"  log on disk                    {files / 1048576.0,10:F0} MiB, {files / (double)persons:F1} bytes a person"
        );
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        using var register = DossierRegister.Open(store, seed: "", Key, TimeProvider.System);
        report.AppendLine(CultureInfo.InvariantCulture, $"  start from the log             {watch.Elapsed.TotalSeconds,10:F1} s");
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"  memory of the tables           {register.Bytes / 1048576.0,10:F0} MiB, {register.Bytes / (double)persons:F1} bytes a person; whole managed heap {memory / 1048576.0:F0} MiB more"
        );
        Ask(report, register, persons);
        await AskWhileWritingAsync(report, register, persons);
    }

    private static async Task LoadAsync(StringBuilder report, StoreSettings store, int persons)
    {
        using var register = DossierRegister.Open(store, seed: "", Key, TimeProvider.System);
        using var self = Process.GetCurrentProcess();
        var (cpu, watch) = (self.TotalProcessorTime, Stopwatch.StartNew());
        for (var next = 0; next < persons; next += Chunk)
            await DeclareAsync(register, next, Math.Min(Chunk, persons - next));
        self.Refresh();
        var seconds = watch.Elapsed.TotalSeconds;
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"  bulk load, {Chunk} in a turn        {persons / seconds,10:N0} persons/s durable ({seconds:F0} s, {(self.TotalProcessorTime - cpu).TotalMicroseconds / persons:F1} µs of CPU a person)"
        );
    }

    private static void Ask(StringBuilder report, DossierRegister register, int persons)
    {
        var (present, absent) = (new UInt128[Asked], new UInt128[Asked]);
        for (var i = 0; i < Asked; i++)
            (present[i], absent[i]) = (Person(Mix((ulong)i) % (ulong)persons), Person((ulong)persons + (ulong)i));
        Round(report, "look-up, person with dossier  ", () => Count(register, present), Asked);
        Round(report, "look-up, person without       ", () => Count(register, absent), 0);
        var person = new Person("sector-token", "", "edu_0EHG7CY33N48KJNS6574C03H7S");
        Round(report, "pseudonym (HMAC) and look-up  ", () => CountHashed(register, person), 0);
    }

    private static void Round(StringBuilder report, string name, Func<int> ask, int expected)
    {
        var times = new double[Rounds];
        long allocated = 0;
        for (var round = -2; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            if (ask() != expected)
                throw new InvalidOperationException("the register answers wrongly");
            if (round < 0)
                continue;
            times[round] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Asked;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Array.Sort(times);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"  {name} {times[Rounds / 2],10:F0} ns (median of {Rounds} × {Asked:N0}; {times[0]:F0} to {times[^1]:F0}), {allocated / (double)(Rounds * Asked):F0} bytes allocated"
        );
    }

    private static int Count(DossierRegister register, UInt128[] persons)
    {
        var found = 0;
        foreach (var person in persons)
            if (register.TryFind(Agreement, Qualities, person, Day, out _))
                found++;
        return found;
    }

    private static int CountHashed(DossierRegister register, Person person)
    {
        var found = 0;
        for (var i = 0; i < Asked; i++)
            if (register.TryFind(Agreement, Qualities, register.HandleOf(person), Day, out _))
                found++;
        return found;
    }

    private static async Task AskWhileWritingAsync(StringBuilder report, DossierRegister register, int persons)
    {
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; written += Chunk)
                await DeclareAsync(register, persons + 10_000_000 + written, Chunk);
        });
        var times = new double[200_000];
        for (var i = 0; i < times.Length; i++)
        {
            var person = Person(Mix((ulong)i) % (ulong)persons);
            var began = Stopwatch.GetTimestamp();
            if (!register.TryFind(Agreement, Qualities, person, Day, out _))
                throw new InvalidOperationException("the register answers wrongly");
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        await stop.CancelAsync();
        await writer;
        Array.Sort(times);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"  look-up while others declare   p50 {times[times.Length / 2]:F2} µs, p99.9 {times[(int)(times.Length * 0.999)]:F2} µs, worst {times[^1]:F0} µs ({written:N0} declared meanwhile)"
        );
    }

    private static async Task DeclareAsync(DossierRegister register, int first, int count)
    {
        using var turn = await register.BeginAsync(CancellationToken.None);
        for (var i = 0; i < count; i++)
        {
            var declaration = new Declaration(
                0,
                Person((ulong)(first + i)),
                DeclaredAct.Open,
                DossierDay.Of(new DateOnly(2026, 9, 1)),
                DossierDay.Open,
                Province: 6181
            );
            turn.Declare(Agreement, Quality, declaration, exchange: (UInt128)first, out _);
        }

        turn.Commit();
    }

    // As good as a keyed hash where only the spread of the bits matters.
    private static UInt128 Person(ulong number) => new(Mix(number * 2 + 1), Mix(number * 2 + 2));

    private static ulong Mix(ulong number)
    {
        number = (number + 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9;
        number = (number ^ number >> 27) * 0x94D0_49BB_1331_11EB;
        return number ^ number >> 31;
    }
}
