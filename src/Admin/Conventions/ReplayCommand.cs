using System.CommandLine;
using System.Globalization;
using Admin.CommandLine;
using Admin.LedgerTasks;
using Admin.Texts;
using Agreements;
using Agreements.Texts;
using AuditIndex.Watched;
using Ledger.Subjects;
using Ledger.Tiles;

namespace Admin.Conventions;

/// <summary><c>agreement replay</c>: which calls of the last days a draft would newly refuse or allow. Sealed as a reading before it shows.</summary>
internal static class ReplayCommand
{
    private const int MostPositions = 20;

    internal static Command Create(TimeProvider time)
    {
        var draft = new Argument<string>("draft") { Description = "File of the draft" };
        var days = new Option<int>("--days") { Description = "Days back from now", DefaultValueFactory = _ => 30 };
        Option<string> officer = new("--officer") { Description = "Officer id", Required = true }, reason = new("--reason") { Description = "Why, 10 to 2,000 characters; kept as an erasable text", Required = true };
        var texts = new Option<string>("--texts") { Description = "Folder of detached texts", Required = true };
        return LogOptions.On("replay", "Runs a draft over the calls of the last days: newly refused, newly allowed, fields, quotas. The reading is sealed first.", draft, days, officer, reason, texts, AgreementCommands.Contracts, LogOptions.SocketFile).Does(time, async (parsed, terminal, _) =>
        {
            if (parsed.GetValue(days) is < 1 or > 400) throw new Declined("--days is 1 to 400", Exit.Usage);
            var read = Draft.Read(parsed.GetValue(draft)!, parsed.GetValue(AgreementCommands.Contracts)!, time);
            var agreement = read.Agreement;
            Reader reader;
            try
            {
                reader = new Reader(parsed.GetValue(officer)!, parsed.GetValue(reason)!);
            }
            catch (ArgumentException wrong)
            {
                throw new Declined(wrong.Message, Exit.Usage);
            }

            var sources = LogOptions.Sources(parsed);
            var logs = sources.Select(static source => source.Open()).ToList();
            await using var ledger = await LogOptions.Ledger(parsed, sources[0].Origin, time);
            var since = time.GetUtcNow().AddDays(-parsed.GetValue(days));
            var view = await new WatchedLog(ledger, new DetachedTexts(parsed.GetValue(texts)!), time).Read(reader, logs, $"replay&agr={agreement.Reference}&days={parsed.GetValue(days)}", () =>
            {
                var (replay, records) = ProgressBar.Run(terminal, agreement.Reference, progress => Run(logs, read, since, progress));
                return new LogFinding<(Replay Replay, long Read)>((replay, records), replay.Calls);
            });
            var found = view.Answer.Replay;
            Tell(terminal, found, view.Answer.Read, agreement.Reference, parsed.GetValue(days));
            terminal.Say(ConventionWords.Of("sealed-as", terminal.Language, view.Receipt.Index, view.Receipt.Origin));
            terminal.Answer(new { agreement = agreement.Reference, days = parsed.GetValue(days), view.Answer.Read, found.Calls, outcomes = found.Outcomes, fieldsLost = found.FieldsLost, fieldsNeverUsed = found.FieldsNeverUsed, overQuota = found.OverQuota, @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index } });
            return Exit.Ok;
        });
    }

    // A month's quota counts from the month's first day: calls before the first day that is told are counted, not told.
    private static (Replay Replay, long Read) Run(IReadOnlyList<LogReader> logs, Draft draft, DateTimeOffset since, Action<long, long> progress)
    {
        var (replay, first) = (new Replay(draft.Registry, draft.Agreement, draft.InForce, since), CivilTime.DateOf(since));
        var past = new PastCalls(logs, CivilTime.StartOf(new DateOnly(first.Year, first.Month, 1)), progress);
        foreach (var call in past.All()) replay.Add(call);
        return (replay, past.Read);
    }

    private static void Tell(Terminal terminal, Replay replay, long read, string agreement, int days)
    {
        terminal.Say(ConventionWords.Of("replay-read", terminal.Language, replay.Calls, agreement, days, read));
        foreach (var effect in Replay.Effects.Where(replay.Outcomes.ContainsKey))
            foreach (var (cause, found) in replay.Outcomes[effect])
            {
                var why = cause.Length == 0 ? "" : effect == "cannot-be-told" ? $" · {ConventionWords.Of("untold-" + cause, terminal.Language)}"
                    : Reasons.Find(cause, terminal.Language) is { } reason ? $" · {cause}: {reason.What}" : $" · {cause}";
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  {found.Count,8}  {ConventionWords.Of(effect, terminal.Language)}{why}"));
                if (effect != "unchanged") terminal.Say($"            {ConventionWords.Of("positions", terminal.Language)}: {string.Join(", ", found.Positions.Take(MostPositions))}");
            }
        foreach (var (name, values) in new[] { ("fields-lost", replay.FieldsLost), ("fields-new", replay.FieldsNeverUsed), ("over-quota", replay.OverQuota) })
            if (values.Count > 0) terminal.Say($"  {ConventionWords.Of(name, terminal.Language)}: {string.Join(", ", values)}");
    }
}
