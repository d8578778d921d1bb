using Gateway.Hiding;
using Gateway.Minimization;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>
/// What a person who must look unknown is answered is drawn from what the source did to those about whom it was asked, and no caller
/// chooses it.
/// </summary>
public sealed class SourcePastTests
{
    private const int Year = 1,
        AnotherYear = 2;
    private static readonly Refusal Broken = new(Problem.ProviderError),
        Late = new(Problem.ProviderTimeout),
        Busy = new(Problem.ProviderBusy);
    private static readonly DateTimeOffset Loaded = new(2026, 10, 12, 22, 0, 0, TimeSpan.Zero);

    private readonly StandingClock _clock = new();
    private readonly SourcePast _past;

    public SourcePastTests() => _past = new SourcePast(_clock);

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static SourceAnswer Says(string status, DateTimeOffset? asOf = null) =>
        new()
        {
            Source = "S",
            MatchStatus = status,
            AsOf = asOf ?? Loaded,
        };

    private void Miss(int person, double took = 10, int question = Year) =>
        _past.Answered(new RealQuestion(person, question), Ms(took), Says("NOT_FOUND"));

    private void Match(int person, double took = 10, DateTimeOffset? asOf = null) =>
        _past.Answered(new RealQuestion(person, Year), Ms(took), Says("MATCHED", asOf));

    private void Fail(int person, Refusal? how = null, int question = Year, bool general = false, double took = 3) =>
        _past.Failed([new RealQuestion(person, question)], Ms(took), how ?? Broken, general);

    [Fact]
    public void A_failure_about_somebody_who_was_never_answered_is_about_that_person()
    {
        Miss(1);
        for (var person = 100; person < 150; person++)
            Fail(person);
        Assert.Null(_past.Draw(Year).Failure);
        Assert.Equal("NOT_FOUND", _past.Draw(Year).Said!.MatchStatus);
        // The same once more, and after another source's person: still about nobody else.
        for (var i = 0; i < 50; i++)
            Fail(100, Late);
        Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void A_question_that_was_answered_before_and_fails_now_fails_for_those_who_must_look_unknown()
    {
        Match(1);
        Fail(1, Late, took: 5000);
        var drawn = _past.Draw(Year);
        Assert.Equal((Late, Ms(5000)), (drawn.Failure, drawn.Wait));
        // Whatever is asked about them.
        Assert.Same(Late, _past.Draw(AnotherYear).Failure);
        _clock.Forward(TimeSpan.FromSeconds(29));
        Assert.Same(Late, _past.Draw(Year).Failure);
        _clock.Forward(TimeSpan.FromSeconds(2));
        Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void Of_a_source_that_has_answered_nobody_yet_every_failure_is_believed()
    {
        Fail(1);
        Assert.Same(Broken, _past.Draw(Year).Failure);
    }

    [Fact]
    public void An_answer_about_anybody_ends_it()
    {
        Miss(1);
        Fail(1);
        _clock.Forward(TimeSpan.FromSeconds(2));
        Match(2);
        Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void A_question_that_fails_where_another_about_the_same_person_was_answered_is_about_the_question()
    {
        Miss(1, question: Year);
        Fail(1, question: AnotherYear);
        Assert.Null(_past.Draw(AnotherYear).Failure);
        Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void Somebody_known_who_fails_while_others_are_answered_fails_alone_from_then_on()
    {
        Miss(1);
        Match(2);
        Fail(2);
        Assert.Same(Broken, _past.Draw(Year).Failure);
        Miss(1);
        for (var i = 0; i < 20; i++)
        {
            Fail(2);
            for (var j = 0; j < 20; j++)
                Assert.Null(_past.Draw(Year).Failure);
            if (i % 2 == 0)
                Miss(1);
        }

        // Answered again, it speaks for the source again; and somebody unknown always does.
        Match(2);
        Fail(2, Late);
        Assert.Same(Late, _past.Draw(Year).Failure);
        Miss(1);
        Fail(1);
        Assert.Same(Broken, _past.Draw(Year).Failure);
    }

    [Fact]
    public void Failures_about_those_whom_the_source_knows_do_not_make_a_source_that_refuses_a_part()
    {
        Miss(1);
        for (var person = 10; person < 20; person++)
        {
            Match(person);
            Fail(person);
            Match(person);
        }

        for (var i = 0; i < 2000; i++)
            Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void What_happens_before_anybody_can_have_looked_at_the_person_counts_at_once()
    {
        Fail(1, Busy, general: true);
        Assert.Same(Busy, _past.Draw(Year).Failure);
    }

    [Fact]
    public void A_chunk_counts_only_when_all_in_it_had_been_answered()
    {
        Miss(1);
        Miss(2);
        _clock.Forward(TimeSpan.FromSeconds(2));
        _past.Failed([new RealQuestion(1, Year), new RealQuestion(3, Year)], Ms(1), Broken, isGeneral: false);
        Assert.Null(_past.Draw(Year).Failure);
        _past.Failed([new RealQuestion(1, Year), new RealQuestion(2, Year)], Ms(1), Broken, isGeneral: false);
        Assert.Same(Broken, _past.Draw(Year).Failure);
    }

    [Fact]
    public void A_source_that_says_itself_that_it_cannot_tell_is_treated_like_one_that_fails()
    {
        Miss(1);
        _past.Answered(new RealQuestion(9, Year), Ms(4), Says("UNAVAILABLE"));
        Assert.NotEqual("UNAVAILABLE", _past.Draw(Year).Said?.MatchStatus);
        _clock.Forward(TimeSpan.FromSeconds(2));
        _past.Answered(new RealQuestion(1, Year), Ms(4), Says("UNAVAILABLE"));
        Assert.Equal(("UNAVAILABLE", Ms(4)), (_past.Draw(Year).Said!.MatchStatus, _past.Draw(Year).Wait));
    }

    [Fact]
    public void Of_a_source_that_refuses_a_part_it_is_drawn_as_often_as_it_comes_after_what_came_last()
    {
        for (var i = 0; i < 8; i++)
        {
            for (var j = 0; j < 2; j++)
                Miss(1);
            for (var j = 0; j < 2; j++)
                Fail(1, Busy, general: true);
        }

        Assert.InRange(Enumerable.Range(0, 2000).Count(_ => _past.Draw(Year).Failure is not null), 850, 1250);
        // One that is hardly ever busy twice is hardly ever so twice for them either.
        for (var i = 0; i < 32; i++)
        {
            Miss(1);
            Fail(1, Busy, general: true);
        }

        Assert.Equal(0, Enumerable.Range(0, 2000).Count(_ => _past.Draw(Year).Failure is not null));
    }

    [Fact]
    public void A_source_that_breaks_down_after_many_answers_is_down_for_them_at_once_and_back_at_once()
    {
        for (var person = 0; person < 40; person++)
            Miss(person);
        Fail(1);
        for (var i = 0; i < 200; i++)
            Assert.Same(Broken, _past.Draw(Year).Failure);
        Miss(2);
        for (var i = 0; i < 200; i++)
            Assert.Null(_past.Draw(Year).Failure);
    }

    [Fact]
    public void A_source_that_has_just_become_slower_about_one_person_who_is_asked_about_is_slower_for_them()
    {
        for (var i = 0; i < 24; i++)
            Miss(1, 10);
        for (var i = 0; i < 8; i++)
            Miss(1, 700);
        for (var i = 0; i < 200; i++)
            Assert.Equal(Ms(700), _past.Draw(Year).Wait);
    }

    [Fact]
    public void Waits_are_those_of_real_misses_and_of_nothing_else()
    {
        var waits = new HashSet<TimeSpan>();
        for (var person = 0; person < 20; person++)
        {
            Miss(person, 10 + person);
            waits.Add(Ms(10 + person));
        }

        Match(50, 4000);
        Fail(51, Late, took: 5000);
        var drawn = Enumerable.Range(0, 2000).Select(_ => _past.Draw(Year).Wait).ToHashSet();
        Assert.Equal(waits, drawn);
    }

    [Fact]
    public void Somebody_about_whom_the_source_is_slow_weighs_no_more_than_anybody_else_however_often_asked()
    {
        for (var person = 0; person < 9; person++)
            Miss(person);
        for (var i = 0; i < 400; i++)
            Miss(99, 2000);
        var slow = Enumerable.Range(0, 3000).Count(_ => _past.Draw(Year).Wait == Ms(2000));
        Assert.InRange(slow, 200, 400);
    }

    [Fact]
    public void What_was_measured_for_another_question_is_drawn_from_only_where_there_is_nothing_else()
    {
        for (var person = 0; person < 10; person++)
            Miss(person, 900, AnotherYear);
        Assert.Equal(Ms(900), _past.Draw(Year).Wait);
        Miss(1, 10, Year);
        for (var i = 0; i < 200; i++)
            Assert.Equal(Ms(10), _past.Draw(Year).Wait);
    }

    [Fact]
    public void A_source_that_has_become_slower_is_slower_for_them_too()
    {
        for (var person = 0; person < 200; person++)
            Miss(person, 10);
        _clock.Forward(TimeSpan.FromMinutes(1));
        for (var person = 0; person < 8; person++)
            Miss(person, 700);
        for (var i = 0; i < 200; i++)
            Assert.Equal(Ms(700), _past.Draw(Year).Wait);
    }

    [Fact]
    public void The_day_of_the_data_is_that_of_the_last_miss_whoever_has_older_data()
    {
        Miss(1);
        Match(2, asOf: Loaded.AddDays(-30));
        Assert.Equal(Loaded, _past.Draw(Year).Said!.AsOf);
        Assert.Equal(Loaded, _past.LatestData);
        _past.Answered(new RealQuestion(3, Year), Ms(1), Says("NOT_FOUND", Loaded.AddDays(1)));
        Assert.Equal(Loaded.AddDays(1), _past.Draw(Year).Said!.AsOf);
    }

    [Fact]
    public void Before_the_first_miss_nobody_slow_decides()
    {
        Assert.InRange(_past.Draw(Year).Wait, Ms(20), Ms(60));
        Match(1, 12);
        Match(2, 4000);
        var drawn = _past.Draw(Year);
        Assert.Equal((Ms(12), null, null), (drawn.Wait, drawn.Failure, drawn.Said));
    }

    private sealed class StandingClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Forward(TimeSpan by) => _ticks += by.Ticks;
    }
}
