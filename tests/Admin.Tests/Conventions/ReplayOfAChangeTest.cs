using System.Globalization;
using System.Text;
using Admin.CommandLine;
using Admin.Conventions;
using Ledger;
using Ledger.Local;
using Ledger.Tiles;
using Policy.Tests.Matrix;
using static Admin.Tests.Conventions.PastRecord;

namespace Admin.Tests.Conventions;

/// <summary>
/// A real change of the convention with the education ministry, as two negotiators would read it: what it widens and narrows, and what it
/// would have meant for a month of calls in the logs of two nodes. The expected texts stand beside this file, one in each language.
/// </summary>
public sealed class ReplayOfAChangeTest : IDisposable
{
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _law.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("ar")]
    [InlineData("en")]
    public async Task A_change_and_what_it_would_have_meant_are_told_in_every_language(string language)
    {
        var draft = _folder.Write("draft.yaml", Changed(_law.Text(Id)));
        var calls = Month().ToList();
        using LogKey one = LogKey.Create(),
            two = LogKey.Create();
        await using var first = await Log("n1", one, calls.Where(static (_, number) => number % 2 == 0));
        await using var second = await Log("n2", two, calls.Where(static (_, number) => number % 2 == 1));
        await using var socket = LedgerSocketServer.Listen(first, _folder.At("s"), [new LocalPeer(Uid(), ["officer.*"])]);
        var said =
            $"$ gatewayctl agreement diff draft.yaml --lang {language}\n"
            + await Run("agreement", "diff", draft, "--lang", language)
            + $"\n$ gatewayctl agreement replay draft.yaml --days 30 … --lang {language}\n"
            + await Run([
                "agreement",
                "replay",
                draft,
                "--days",
                "30",
                "--log",
                _folder.At("n1"),
                "--vkey",
                first.Key.ToString(),
                "--log",
                _folder.At("n2"),
                "--vkey",
                second.Key.ToString(),
                .. await TheOfficer.In(_folder, reason: "before the renewal of the convention"),
                "--ledger-socket",
                _folder.At("s"),
                "--lang",
                language,
            ]);
        var expected = Path.Combine(Here(), $"change.{language}.txt");
        if (Environment.GetEnvironmentVariable("GATEWAY_SHOW") is { Length: > 0 })
            await File.WriteAllTextAsync(expected, said, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(expected, TestContext.Current.CancellationToken), said);
    }

    [Fact]
    public async Task Calls_of_several_logs_come_in_the_order_of_time_each_once_with_its_own_decision()
    {
        using LogKey one = LogKey.Create(),
            two = LogKey.Create();
        await using var first = await Log(
            "n1",
            one,
            [
                Answered("11-03 10:00:00", match: "NOT_FOUND"),
                Decision("11-03 10:00:00", "PER-10"),
                Answered("11-03 10:00:01", match: "NOT_FOUND"),
                Decision("11-03 10:00:01", "PER-11")
                    .Replace("\"gate\":\"none\"", "\"gate\":\"open\",\"terr\":\"out\"", StringComparison.Ordinal),
                Answered("11-03 10:00:04", match: "NOT_FOUND"),
            ]
        );
        // A decision about another call explains nothing.
        await using var second = await Log(
            "n2",
            two,
            [Answered("11-03 10:00:02", match: "NOT_FOUND"), Decision("11-03 10:00:09", "PER-12"), Answered("11-03 10:00:03")]
        );
        LogReader[] logs = [LogReader.Open(_folder.At("n1"), first.Key), LogReader.Open(_folder.At("n2"), second.Key)];
        var calls = new PastCalls(logs, LawFiles.Clock.GetUtcNow().AddDays(-30), static (_, _) => { }).All().ToList();
        Assert.Equal(
            [
                "10:00:00 dossier-not-open False",
                "10:00:01 population-out-of-scope True",
                "10:00:02  False",
                "10:00:03  False",
                "10:00:04  False",
            ],
            calls.Select(static call =>
                string.Create(CultureInfo.InvariantCulture, $"{call.At.UtcDateTime:HH:mm:ss} {call.Refused} {call.OutOfArea}")
            )
        );
    }

    // Fewer questions about one child, one figure for the whole, office hours and a smaller day for agents, provinces of one region for the
    // premium, one field less and one more, and children below school age for the check of schooling.
    private static string Changed(string text)
    {
        var premium = text.IndexOf("  - id: back-to-school", StringComparison.Ordinal);
        var schooling = text[..premium]
            .Replace("version: 3\nreplaces: 2", "version: 4\nreplaces: 3", StringComparison.Ordinal)
            .Replace("quotas: { perDay: 2000000, perMonth: 9000000 }", "quotas: { perDay: 18 }", StringComparison.Ordinal)
            .Replace("perSubjectPerDay: 4", "perSubjectPerDay: 1", StringComparison.Ordinal)
            .Replace("qualities: [ASD_CHILD_SCHOOL_AGE]", "qualities: [ASD_CHILD_SCHOOL_AGE, ASD_CHILD]", StringComparison.Ordinal)
            .Replace("enrolment.schoolYear, enrolment.since]", "enrolment.schoolYear, enrolment.cycle]", StringComparison.Ordinal);
        var others = text[premium..]
            .Replace("provinces: all", "provinces: [\"06.\"]", StringComparison.Ordinal)
            .Replace("perAgentPerDay: 60", "perAgentPerDay: 2", StringComparison.Ordinal)
            .Replace(
                "    clause: art. 6\n",
                "    clause: art. 6\n    hours: [ { days: [monday, tuesday, wednesday, thursday, friday], from: \"08:30\", to: \"16:30\" } ]\n",
                StringComparison.Ordinal
            );
        return schooling + others;
    }

    private static IEnumerable<string> Month()
    {
        yield return Answered("10-02 09:00:00", "before");
        for (var minute = 0; minute < 30; minute++)
            yield return Answered(
                $"11-03 09:{minute:D2}:00",
                $"child{minute % 20}",
                minute % 10 == 9 ? "NOT_FOUND" : "MATCHED",
                fields: minute % 3 == 0 ? "\"enrolment.status\",\"enrolment.since\"" : "\"enrolment.status\""
            );
        yield return Refused("11-03 10:00:00", "dossier-not-open", "other");
        yield return Refused("11-03 10:00:01", "request-invalid", "");
        for (var minute = 0; minute < 4; minute++)
            yield return Answered($"11-04 09:{minute:D2}:00", $"pupil{minute}", purpose: School, fields: "\"enrolment.cycle\"");
        for (var minute = 0; minute < 3; minute++)
            yield return Answered(
                $"11-05 09:{minute:D2}:00",
                $"file{minute}",
                client: Office,
                purpose: Assistance,
                agent: "ag-4417",
                fields: "\"enrolment.status\""
            );
        yield return Answered("11-05 18:00:00", "late", client: Office, purpose: Assistance, agent: "ag-4417");
        yield return Refused("11-06 09:00:00", "territory-out-of-scope", "away", client: Office, purpose: Assistance, agent: "ag-2");
        yield return Refused("11-06 09:00:02", "quota-exhausted", "", more: ",\"n\":1200,\"until\":\"2026-11-06T09:00:02.900Z\"");
    }

    private async Task<LedgerWriter> Log(string node, LogKey key, IEnumerable<string> records)
    {
        var writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At(node),
                Origin = $"anss.example/audit/2026/{node}",
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            key,
            TimeProvider.System
        );
        long size = 0;
        foreach (var text in records)
        {
            Assert.True(writer.TryReserve(1, out var seat));
            using (seat)
                size = (await writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await writer.WhenPublished(size);
        return writer;
    }

    private async Task<string> Run(params string[] args)
    {
        using StringWriter output = new(),
            error = new();
        var exit = await GatewayCtl.Run([.. args, "--contracts", _law.Folder], output, error, LawFiles.Clock);
        Assert.True(exit == 0, $"{output}{error}");
        return output.ToString();
    }

    private static uint Uid() =>
        uint.Parse(
            File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
            CultureInfo.InvariantCulture
        );

    private static string Here()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
            if (File.Exists(Path.Combine(above.FullName, "Gateway.sln")))
                return Path.Combine(above.FullName, "tests", "Admin.Tests", "Conventions");
        throw new InvalidOperationException("The tests run inside the repository.");
    }
}
