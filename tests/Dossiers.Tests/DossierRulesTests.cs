using Dossiers.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Authorization.Dossiers;
using Xunit;

namespace Dossiers.Tests;

/// <summary>The state machine of a person's periods, held against a model that keeps one entry for every day.</summary>
public sealed class DossierRulesTests
{
    private const int Horizon = 24;

    /// <summary>An act on days 0 to 23; the day after stands for "open".</summary>
    internal sealed record Step(DeclaredAct Act, int From, int To, int Province);

    internal static Gen<Step> Steps { get; } =
        from act in Gen.Frequency(
            (5, Gen.Constant(DeclaredAct.Open)),
            (3, Gen.Constant(DeclaredAct.Close)),
            (4, Gen.Constant(DeclaredAct.Move))
        )
        from day in Gen.Choose(0, Horizon - 1)
        from length in Gen.Choose(0, 8)
        from province in Gen.Choose(1, 3)
        from open in Gen.Choose(0, 3)
        select new Step(
            act,
            day,
            act == DeclaredAct.Move || (act == DeclaredAct.Open && open == 0) ? Horizon : Math.Min(day + length, Horizon - 1),
            province
        );

    [Fact]
    public void Any_sequence_of_declarations_leaves_what_the_day_by_day_model_says() =>
        Prop.ForAll(Gen.ListOf(Steps).ToArbitrary(), static steps =>
            {
                var (periods, model) = (new List<Period>(), new DayByDay());
                uint place = 0;
                foreach (var step in steps)
                {
                    var outcome = DossierRules.Apply(periods, Declared(step), ++place, out _);
                    if (outcome != model.Apply(step) || !Sound(periods))
                        return false;
                    for (var day = 0; day <= Horizon; day++)
                        if (ProvinceOn(periods, day) != model.ProvinceOn(day))
                            return false;
                }

                return true;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void The_same_declaration_at_once_again_changes_nothing() =>
        Prop.ForAll(Gen.ListOf(Steps).ToArbitrary(), static steps =>
            {
                var periods = new List<Period>();
                uint place = 0;
                foreach (var step in steps)
                {
                    var first = DossierRules.Apply(periods, Declared(step), ++place, out _);
                    var before = periods.ToArray();
                    var second = DossierRules.Apply(periods, Declared(step), ++place, out _);
                    if (first != DeclaredOutcome.Conflict && second != DeclaredOutcome.Unchanged)
                        return false;
                    if (!before.SequenceEqual(periods))
                        return false;
                }

                return true;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void An_opening_that_was_moved_meanwhile_is_still_unchanged()
    {
        var periods = new List<Period>();
        Assert.Equal(DeclaredOutcome.Accepted, DossierRules.Apply(periods, Some.Opening(1), 1, out _));
        Assert.Equal(DeclaredOutcome.Accepted, DossierRules.Apply(periods, Some.Moving(1, Some.Day.AddDays(30), Some.There), 2, out _));
        Assert.Equal(DeclaredOutcome.Unchanged, DossierRules.Apply(periods, Some.Opening(1), 3, out var opening));
        Assert.Equal(1u, opening);
    }

    [Fact]
    public void Closing_names_the_declaration_that_opened_even_after_a_move()
    {
        var periods = new List<Period>();
        DossierRules.Apply(periods, Some.Opening(1), 7, out _);
        DossierRules.Apply(periods, Some.Moving(1, Some.Day.AddDays(1), Some.There), 8, out _);
        Assert.Equal(
            DeclaredOutcome.Accepted,
            DossierRules.Apply(periods, Some.Closing(1, Some.Day, Some.Day.AddDays(2)), 9, out var opening)
        );
        Assert.Equal(7u, opening);
    }

    [Fact]
    public void Closing_one_dossier_leaves_the_next_one_that_begins_the_day_after()
    {
        var periods = new List<Period>();
        DossierRules.Apply(periods, Some.Opening(1, to: Some.Day.AddDays(9)), 1, out _);
        DossierRules.Apply(periods, Some.Opening(1, from: Some.Day.AddDays(10)), 2, out _);
        Assert.Equal(DeclaredOutcome.Accepted, DossierRules.Apply(periods, Some.Closing(1, Some.Day, Some.Day.AddDays(3)), 3, out _));
        Assert.Equal([2u], periods.Where(static period => period.To == DossierDay.Open).Select(static period => period.Declared));
    }

    internal static Declaration Declared(Step step) =>
        new(
            1,
            1,
            step.Act,
            (ushort)step.From,
            step.To == Horizon ? DossierDay.Open : (ushort)step.To,
            step.Act == DeclaredAct.Close ? (ushort)0 : (ushort)(1000 + step.Province)
        );

    private static int ProvinceOn(List<Period> periods, int day)
    {
        var found = periods.Where(period => period.From <= day && day <= period.To).ToList();
        return found.Count == 0 ? 0 : Assert.Single(found).Province - 1000;
    }

    private static bool Sound(List<Period> periods)
    {
        for (var i = 0; i < periods.Count; i++)
        {
            if (periods[i].To < periods[i].From)
                return false;
            if (i == 0 ? periods[i].Continues : periods[i].From <= periods[i - 1].To)
                return false;
            if (i > 0 && periods[i].Continues && periods[i].From != periods[i - 1].To + 1)
                return false;
        }

        return true;
    }

    /// <summary>One entry a day: which dossier, which province. Days from the horizon on are one day.</summary>
    internal sealed class DayByDay
    {
        private readonly (int Dossier, int Province, int Since)[] _days = new (int, int, int)[Horizon + 1];
        private readonly Dictionary<int, (int From, int Province)> _openings = [];
        private int _last,
            _moves;

        public int ProvinceOn(int day) => _days[day].Province;

        public DeclaredOutcome Apply(Step step)
        {
            if (step.Act == DeclaredAct.Open)
                return Open(step);
            var dossier = _days[step.From].Dossier;
            if (dossier == 0)
                return DeclaredOutcome.Conflict;
            var end = Array.FindLastIndex(_days, day => day.Dossier == dossier);
            if (step.Act == DeclaredAct.Close)
            {
                if (end <= step.To)
                    return end == step.To ? DeclaredOutcome.Unchanged : DeclaredOutcome.Conflict;
                for (var day = step.To + 1; day <= end; day++)
                    _days[day] = default;
                return DeclaredOutcome.Accepted;
            }

            if (_days[step.From].Province == step.Province)
                return DeclaredOutcome.Unchanged;
            if (_days[end].Since != _days[step.From].Since)
                return DeclaredOutcome.Conflict;
            if (_openings[dossier].From == step.From)
                _openings[dossier] = (step.From, step.Province);
            var since = ++_moves;
            for (var day = step.From; day <= end; day++)
                _days[day] = (dossier, step.Province, since);
            return DeclaredOutcome.Accepted;
        }

        private DeclaredOutcome Open(Step step)
        {
            var taken = Enumerable
                .Range(step.From, step.To - step.From + 1)
                .Select(day => _days[day].Dossier)
                .Where(static dossier => dossier != 0)
                .Distinct()
                .ToList();
            if (taken.Count == 0)
            {
                var (dossier, since) = (++_last, ++_moves);
                _openings[dossier] = (step.From, step.Province);
                for (var day = step.From; day <= step.To; day++)
                    _days[day] = (dossier, step.Province, since);
                return DeclaredOutcome.Accepted;
            }

            var same =
                taken.Count == 1
                && _openings[taken[0]] == (step.From, step.Province)
                && Array.FindLastIndex(_days, day => day.Dossier == taken[0]) == step.To;
            return same ? DeclaredOutcome.Unchanged : DeclaredOutcome.Conflict;
        }
    }
}
