using System.CommandLine;
using Admin.CommandLine;
using Admin.LedgerTasks;
using Admin.Texts;
using Agreements;
using Agreements.Texts;
using AuditIndex.Watched;
using Ledger.Tiles;
using Wording;

namespace Admin.Conventions;

/// <summary>
/// <c>agreement replay</c>: which calls of the last days a draft would newly refuse or allow. Sealed as a reading before it shows.
/// </summary>
internal static class ReplayCommand
{
    private const int MostPositions = 20;

    internal static Command Create(TimeProvider time)
    {
        var draft = new Argument<string>("draft");
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 30 };
        var officer = new OfficerOptions(isAlways: true);
        return LogOptions
            .On("replay", [draft, days, .. officer.All, AgreementCommands.Contracts])
            .Does(time, async (parsed, terminal, _) =>
            {
                if (parsed.GetValue(days) is < 1 or > 400)
                    throw Declined.Usage("days-1-to-400", days.Name);
                var read = Draft.Read(parsed.GetValue(draft)!, parsed.GetValue(AgreementCommands.Contracts)!, time);
                var agreement = read.Agreement;
                var reader = officer.Read(parsed);
                var sources = LogOptions.Sources(parsed);
                var logs = sources.Select(static source => source.Open()).ToList();
                await using var ledger = await LogOptions.Ledger(parsed, sources[0].Origin, time);
                var since = time.GetUtcNow().AddDays(-parsed.GetValue(days));
                var view = await new WatchedLog(ledger, officer.Texts(parsed), time).Read(
                    reader,
                    logs,
                    $"replay&agr={agreement.Reference}&days={parsed.GetValue(days)}",
                    () =>
                    {
                        var (replay, records) = ProgressBar.Run(terminal, agreement.Reference, progress =>
                            Run(logs, read, since, progress)
                        );
                        return new LogFinding<(Replay Replay, long Read)>((replay, records), replay.Calls);
                    }
                );
                var found = view.Answer.Replay;
                Tell(terminal, found, view.Answer.Read, read, parsed.GetValue(days));
                terminal.Say("reading-sealed", view.Receipt.Index, view.Receipt.Origin);
                terminal.Answer(
                    new
                    {
                        agreement = agreement.Reference,
                        days = parsed.GetValue(days),
                        view.Answer.Read,
                        found.Calls,
                        outcomes = found.Outcomes,
                        fieldsLost = found.FieldsLost,
                        fieldsNeverUsed = found.FieldsNeverUsed,
                        overQuota = found.OverQuota,
                        @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index },
                    }
                );
                return Exit.Ok;
            });
    }

    // A month's quota counts from the month's first day: calls before the first day that is told are counted, not told.
    private static (Replay Replay, long Read) Run(
        IReadOnlyList<LogReader> logs,
        Draft draft,
        DateTimeOffset since,
        Action<long, long> progress
    )
    {
        var (replay, first) = (new Replay(draft.Registry, draft.Agreement, draft.InForce, since), CivilTime.DateOf(since));
        var past = new PastCalls(logs, CivilTime.StartOf(new DateOnly(first.Year, first.Month, 1)), progress);
        foreach (var call in past.All())
            replay.Add(call);
        return (replay, past.Read);
    }

    private static void Tell(Terminal terminal, Replay replay, long read, Draft draft, int days)
    {
        terminal.Say("replay-of", replay.Calls, draft.Agreement.Reference);
        terminal.Under("replay-days", days);
        terminal.Under("replay-read", read);
        foreach (var effect in Replay.Effects.Where(replay.Outcomes.ContainsKey))
            foreach (var (cause, found) in replay.Outcomes[effect])
            {
                var why =
                    cause.Length == 0 ? null
                    : effect == "cannot-be-told" ? ConventionWords.Of("untold-" + cause, terminal.Language)
                    : Reasons.Find(cause, terminal.Language)?.What ?? cause;
                terminal.Under("replay " + effect, found.Count);
                if (why is not null)
                    terminal.Line("    " + terminal.Words("replay-why", why));
                if (effect != "unchanged")
                    terminal.Line("    " + terminal.Words("replay-positions", Blank.List(found.Positions.Take(MostPositions))));
            }
        var words = new ReplayWords(draft.Registry, draft.Agreement, terminal.Language);
        Listed("fields-lost", replay.FieldsLost.Select(words.Field));
        Listed("fields-new", replay.FieldsNeverUsed.Select(words.Field));
        Listed("over-quota", replay.OverQuota.Select(words.OverQuota));

        // Several operations may call the same data by the same title.
        void Listed(string name, IEnumerable<string> values)
        {
            string[] all = [.. values.Distinct(StringComparer.Ordinal)];
            if (all.Length > 0)
                terminal.Under("replay " + name, Blank.List(all));
        }
    }
}
