using System.Security.Cryptography;
using Gateway.Forwarding;
using Gateway.Minimization;
using Gateway.Problems;

namespace Gateway.Hiding;

/// <summary>What a source would have done to a person who must look unknown.</summary>
/// <param name="Wait">How long it would have taken.</param>
/// <param name="Failure">How it would have failed; null when it would have answered.</param>
/// <param name="Said">
/// What it would have said: that it does not know the person, or that it cannot tell; null when it failed or never answered about anybody.
/// </param>
internal sealed record Drawn(TimeSpan Wait, Refusal? Failure, SourceAnswer? Said);

/// <summary>
/// What one source did of late under one grant and operation to persons about whom it was really asked. Only what it does to
/// everybody enters: a failure counts when this very question had been answered before, when nobody can have looked at the person,
/// or when nobody was answered yet. A failure about a person whom the source knows counts until others are answered in spite of it:
/// then it is that person's own. So no question that a caller can choose makes it look as if the source failed
/// (docs/decisions/0188-persons-who-must-look-unknown-take-the-path.md).
/// </summary>
internal sealed class SourcePast(TimeProvider time)
{
    private const int MostMisses = 256,
        MostOfOne = 32,
        MostOutcomes = 64,
        MostSettled = 4096,
        MostFailing = 64,
        Enough = 8,
        SeenTwice = 2;
    private static readonly TimeSpan RecentFailures = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly List<Miss> _misses = [];
    private readonly Queue<Outcome> _outcomes = new();
    private readonly Queue<RealQuestion> _order = new();
    private readonly Dictionary<RealQuestion, Standing> _settled = [];
    private readonly HashSet<RealQuestion> _failing = [];
    private Outcome? _latest;
    private TimeSpan? _fastest;

    /// <summary>Latest day of the source's data that it stated about anybody; null before.</summary>
    public DateTimeOffset? LatestData { get; private set; }

    /// <summary>What became of a question that was put.</summary>
    /// <param name="question">Which.</param>
    /// <param name="took">How long it took, the wait for a seat aside.</param>
    /// <param name="said">What came of it.</param>
    /// <param name="asked">How the call went.</param>
    public void Note(RealQuestion question, TimeSpan took, Verdict<SourceAnswer> said, Asked asked)
    {
        if (said.Allows(out var answer, out var failure))
            Answered(question, took, answer);
        else if (asked.Tries > 0)
            Failed([question], took, failure, IsGeneral(asked));
    }

    /// <summary>
    /// Can nobody at the source have looked at the person? No connection came about, or it knows nobody, or it takes no more questions.
    /// </summary>
    public static bool IsGeneral(Asked asked) =>
        !asked.Sent
        || asked.Status
            is StatusCodes.Status401Unauthorized
                or StatusCodes.Status429TooManyRequests
                or StatusCodes.Status503ServiceUnavailable;

    /// <summary>The source answered.</summary>
    /// <param name="asked">Which question.</param>
    /// <param name="took">How long it took, the wait for a seat aside.</param>
    /// <param name="answer">What it said.</param>
    public void Answered(RealQuestion asked, TimeSpan took, SourceAnswer answer)
    {
        lock (_gate)
        {
            if (answer.MatchStatus == MatchStatus.Unavailable)
            {
                if (IsBelieved([asked]))
                    Add(new Outcome(time.GetTimestamp(), took, Failure: null, answer, AreKnown([asked])));
                return;
            }

            Settle(asked, answer.MatchStatus == MatchStatus.NotFound ? Standing.Unknown : Standing.Known);
            Add(new Outcome(time.GetTimestamp(), took, Failure: null, Unable: null, IsOfKnown: false));
            if (_fastest is null || took < _fastest)
                _fastest = took;
            if (answer.AsOf is { } asOf && (LatestData is null || asOf > LatestData))
                LatestData = asOf;
            if (answer.MatchStatus == MatchStatus.NotFound)
                Missed(new Miss(time.GetTimestamp(), asked, took, answer));
        }
    }

    /// <summary>The source failed.</summary>
    /// <param name="asked">Which questions were in the call; one, unless it was a chunk.</param>
    /// <param name="took">How long it took, the wait for a seat aside.</param>
    /// <param name="failure">How.</param>
    /// <param name="isGeneral">Nobody can have looked at the person.</param>
    public void Failed(IReadOnlyCollection<RealQuestion> asked, TimeSpan took, Refusal failure, bool isGeneral)
    {
        lock (_gate)
        {
            if (isGeneral)
                Add(new Outcome(time.GetTimestamp(), took, failure, Unable: null, IsOfKnown: false));
            else if (IsBelieved(asked))
                Add(new Outcome(time.GetTimestamp(), took, failure, Unable: null, AreKnown(asked)));
        }
    }

    /// <summary>What the source would do now to a person whom it does not know.</summary>
    /// <param name="question">What is asked about the person.</param>
    public Drawn Draw(int question)
    {
        lock (_gate)
        {
            if (Outlook() is { IsHealthy: false } bad)
                return new Drawn(bad.Took, bad.Failure, bad.Unable);
            if (_misses.Count > 0)
            {
                var said = _misses.FindLast(miss => miss.Asked.Question == question) ?? _misses[^1];
                return new Drawn(One(Like(question)).Took, null, said.Answer);
            }

            // Before the first miss: as fast as it ever answered; the slow ones may be slow about somebody.
            return new Drawn(_fastest ?? TimeSpan.FromMicroseconds(RandomNumberGenerator.GetInt32(20_000, 60_000)), null, null);
        }
    }

    // Not about the person, then; or, as long as nobody was ever answered, nothing speaks for the source.
    private bool IsBelieved(IReadOnlyCollection<RealQuestion> asked) =>
        _settled.Count == 0 || asked.All(question => _settled.TryGetValue(question, out var standing) && standing != Standing.FailsAlone);

    // Something about one of the persons, whom the source knows, may be the cause.
    private bool AreKnown(IReadOnlyCollection<RealQuestion> asked)
    {
        var known = false;
        foreach (var question in asked)
        {
            if (_settled.GetValueOrDefault(question) != Standing.Known)
                continue;
            known = true;
            if (_failing.Count < MostFailing)
                _failing.Add(question);
        }

        return known;
    }

    // What may follow the last outcome, while that is not old: the same again, as of a source that has just broken down or come back.
    // Only where it was seen more than once lately that something else came after the like of it (a source that refuses a part of what
    // it is asked), one of what came; what came about a person whom it knows tells nothing there.
    private Outcome? Outlook()
    {
        if (_latest is not { } latest || time.GetElapsedTime(latest.At) >= RecentFailures)
            return null;
        Outcome[] known = [.. _outcomes.Where(outcome => !outcome.IsOfKnown && time.GetElapsedTime(outcome.At) < RecentFailures)];
        var followers = known.Zip(known.Skip(1)).Where(pair => pair.First.Kind == latest.Kind).Select(static pair => pair.Second).ToList();
        var others = followers.Count(next => next.Kind != latest.Kind);
        return others < SeenTwice ? latest : followers[RandomNumberGenerator.GetInt32(followers.Count)];
    }

    // Of the same question, and of late where that is enough to draw from.
    private List<Miss> Like(int question)
    {
        var same = _misses.FindAll(miss => miss.Asked.Question == question);
        if (same.Count == 0)
            same = _misses;
        var late = same.FindAll(miss => time.GetElapsedTime(miss.At) < RecentFailures);
        return late.Count >= Enough ? late : same;
    }

    // Each person counts alike, however often somebody asks about one; of each the last ones, for the source may have become slower
    // a moment ago.
    private static Miss One(List<Miss> misses)
    {
        int[] persons = [.. misses.Select(static miss => miss.Asked.Person).Distinct()];
        var person = persons[RandomNumberGenerator.GetInt32(persons.Length)];
        var about = misses.FindAll(miss => miss.Asked.Person == person);
        return about[^RandomNumberGenerator.GetInt32(1, Math.Min(about.Count, Enough) + 1)];
    }

    private void Missed(Miss miss)
    {
        if (_misses.Count(known => known.Asked == miss.Asked) >= MostOfOne)
            _misses.RemoveAt(_misses.FindIndex(known => known.Asked == miss.Asked));
        else if (_misses.Count == MostMisses)
            _misses.RemoveAt(0);
        _misses.Add(miss);
    }

    private void Add(Outcome outcome)
    {
        if (_outcomes.Count == MostOutcomes)
            _outcomes.Dequeue();
        _outcomes.Enqueue(_latest = outcome);
    }

    // Whoever failed meanwhile and is known to the source failed for reasons of that person.
    private void Settle(RealQuestion asked, Standing standing)
    {
        _failing.Remove(asked);
        foreach (var failed in _failing)
            if (_settled.ContainsKey(failed))
                _settled[failed] = Standing.FailsAlone;
        _failing.Clear();
        if (!_settled.ContainsKey(asked))
            _order.Enqueue(asked);
        _settled[asked] = standing;
        if (_order.Count > MostSettled)
            _settled.Remove(_order.Dequeue());
    }

    // What is known of a question that was answered once.
    private enum Standing
    {
        None,
        Unknown,
        Known,
        FailsAlone,
    }

    private sealed record Miss(long At, RealQuestion Asked, TimeSpan Took, SourceAnswer Answer);

    private sealed record Outcome(long At, TimeSpan Took, Refusal? Failure, SourceAnswer? Unable, bool IsOfKnown)
    {
        public bool IsHealthy => Failure is null && Unable is null;

        public (Problem? Failed, bool IsUnable) Kind => (Failure?.Problem, Unable is not null);
    }
}
