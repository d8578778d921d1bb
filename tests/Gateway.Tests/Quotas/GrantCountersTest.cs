using Agreements;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Quotas;
using Xunit;

namespace Gateway.Tests.Quotas;

public sealed class GrantCountersTest
{
    [Fact]
    public void Whatever_calls_turn_into_no_limit_is_passed_and_nothing_stays_held()
    {
        var terms = Calls.Terms with
        {
            PerDay = 20,
            PerMonth = 30,
            PerSubjectPerDay = 3,
            PerAgentPerDay = 9,
            PerOfficePerDay = 15,
            PersonsPerDay = 8,
            MissesPerDay = 6,
            MissAllowance = 4,
            MissesPerMatch = 1,
        };
        var step =
            from person in Gen.Choose(1, 12)
            from client in Gen.Elements("one", "two")
            from agent in Gen.Elements<string?>(null, "a", "b")
            from late in Gen.Elements(false, false, true)
            from charge in Gen.Elements(Charge.Void, Charge.Match, Charge.Miss, Charge.Answer)
            from wait in Gen.Choose(0, 3)
            select (Ask: Calls.Of(person, client, agent, client, late ? Calls.Noon.AddDays(1) : Calls.Noon), Charge: charge, Wait: wait);
        Prop.ForAll(step.ListOf(200).ToArbitrary(), steps =>
            {
                var (counters, underWay, charged) = (
                    new GrantCounters(),
                    new List<(QuotaAsk Ask, Charge Charge, int Due)>(),
                    new List<(QuotaAsk Ask, Charge Charge)>()
                );
                for (var i = 0; i < steps.Count; i++)
                {
                    foreach (var due in underWay.Where(call => call.Due <= i).ToList())
                        Settle(due);
                    if (counters.Take(steps[i].Ask, terms, Calls.Noon).Refused is null)
                        underWay.Add((steps[i].Ask, steps[i].Charge, i + steps[i].Wait));
                    if (!IsWithin(terms, counters, charged))
                        return false;
                }

                foreach (var call in underWay.ToList())
                    Settle(call);
                return IsWithin(terms, counters, charged) && HoldsNothing(counters);

                void Settle((QuotaAsk Ask, Charge Charge, int Due) call)
                {
                    counters.Settle(call.Ask, call.Charge);
                    underWay.Remove(call);
                    if (call.Charge != Charge.Void)
                        charged.Add((call.Ask, call.Charge));
                }
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Counted_again_from_what_was_charged_the_counters_are_the_same()
    {
        var step =
            from person in Gen.Choose(1, 9)
            from client in Gen.Elements("one", "two")
            from charge in Gen.Elements(Charge.Void, Charge.Match, Charge.Miss, Charge.Answer)
            select (Ask: Calls.Of(person, client, "a", "o"), Charge: charge);
        Prop.ForAll(step.ListOf(100).ToArbitrary(), steps =>
            {
                var (lived, again) = (new GrantCounters(), new GrantCounters());
                foreach (var (ask, charge) in steps)
                {
                    lived.Ask(Calls.Terms, ask, charge);
                    if (charge != Charge.Void)
                        again.Restore(ask, charge);
                }

                var (one, two) = (lived.Day(QuotaPeriod.At(Calls.Noon)), again.Day(QuotaPeriod.At(Calls.Noon)));
                var month = QuotaPeriod.At(Calls.Noon).Month;
                return one.Calls == two.Calls
                    && one.Misses == two.Misses
                    && one.People == two.People
                    && lived.Month(month) == again.Month(month)
                    && Known(one.Persons).SetEquals(Known(two.Persons))
                    && Known(one.Named).SetEquals(Known(two.Named));
            })
            .QuickCheckThrowOnFailure();

        static HashSet<(T, Tally)> Known<T>(Dictionary<T, Tally> tallies)
            where T : notnull =>
            [.. tallies.Where(static entry => entry.Value != default).Select(static entry => (entry.Key, entry.Value))];
    }

    [Fact]
    public void Lines_of_a_batch_leave_some_of_every_second_to_single_questions_however_often_they_come_again()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { BurstPerSecond = 20 });
        var line = Calls.Of(1, "one", "a", "o") with { IsBulk = true };
        var taken = Enumerable.Range(0, 500).Count(_ => counters.Take(line, terms, Calls.Noon).Refused is null);
        Assert.Equal((18, true), (taken, counters.Take(line, terms, Calls.Noon).State.IsPassing));
        Assert.Null(counters.Take(Calls.Of(2, "two", "a", "o"), terms, Calls.Noon).Refused);
        Assert.Null(counters.Take(Calls.Of(2, "two", "a", "o"), terms, Calls.Noon).Refused);
        Assert.NotNull(counters.Take(Calls.Of(2, "two", "a", "o"), terms, Calls.Noon).Refused);
        Assert.Null(counters.Take(line, terms, Calls.Noon.AddSeconds(1)).Refused);
        Assert.Null(new GrantCounters().Take(line, terms with { BurstPerSecond = 1 }, Calls.Noon).Refused);
    }

    [Fact]
    public void Whatever_calls_of_several_grants_turn_into_the_agreement_as_a_whole_is_not_passed_and_counted_again_it_is_the_same()
    {
        var totals = new TotalQuotas(PerDay: 20, PerMonth: 30);
        var step =
            from grant in Gen.Choose(0, 2)
            from late in Gen.Elements(false, false, true)
            from charge in Gen.Elements(Charge.Void, Charge.Match, Charge.Miss, Charge.Answer)
            from wait in Gen.Choose(0, 3)
            select (Grant: grant, Ask: Calls.Of(grant, at: late ? Calls.Noon.AddDays(1) : Calls.Noon), Charge: charge, Wait: wait);
        Prop.ForAll(step.ListOf(200).ToArbitrary(), steps =>
            {
                var (grants, whole, again) = (
                    Enumerable.Range(0, 3).Select(static _ => new GrantCounters()).ToArray(),
                    new GrantCounters(),
                    new GrantCounters()
                );
                var (underWay, charged) = (new List<(int Grant, QuotaAsk Ask, Charge Charge, int Due)>(), new List<QuotaPeriod>());
                for (var i = 0; i < steps.Count; i++)
                {
                    foreach (var due in underWay.Where(call => call.Due <= i).ToList())
                        Settle(due);
                    if (grants[steps[i].Grant].Take(steps[i].Ask, Calls.Terms, Calls.Noon, whole, totals).Refused is null)
                        underWay.Add((steps[i].Grant, steps[i].Ask, steps[i].Charge, i + steps[i].Wait));
                    else if (charged.Count + underWay.Count < totals.PerDay)
                        return false;
                    if (
                        charged.Count > totals.PerMonth
                        || charged.GroupBy(static period => period.Day).Any(day => day.Count() > totals.PerDay)
                    )
                        return false;
                }

                foreach (var call in underWay.ToList())
                    Settle(call);
                return charged.Distinct().All(period => whole.Day(period).Calls == again.Day(period).Calls)
                    && HoldsNothing(whole)
                    && whole.Month(QuotaPeriod.At(Calls.Noon).Month) == again.Month(QuotaPeriod.At(Calls.Noon).Month);

                void Settle((int Grant, QuotaAsk Ask, Charge Charge, int Due) call)
                {
                    grants[call.Grant].Settle(call.Ask, call.Charge);
                    whole.SettleWhole(call.Ask.Period, call.Charge);
                    underWay.Remove(call);
                    if (call.Charge == Charge.Void)
                        return;
                    charged.Add(call.Ask.Period);
                    again.RestoreWhole(call.Ask.Period, call.Charge);
                }
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_share_that_calls_under_way_hold_is_worth_another_try_in_a_second()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { PerDay = 1 });
        Assert.Null(counters.Take(Calls.Of(1), terms, Calls.Noon).Refused);
        var held = counters.Take(Calls.Of(2), terms, Calls.Noon);
        Assert.Equal("quota-exhausted", held.Refused!.Code);
        Assert.True(held.State.IsPassing);
        counters.Settle(Calls.Of(1), Charge.Match);
        var used = counters.Take(Calls.Of(2), terms, Calls.Noon);
        Assert.False(used.State.IsPassing);
        Assert.Equal(QuotaPeriod.At(Calls.Noon).DayEnds, used.State.ResetsAt);
    }

    [Fact]
    public void A_call_that_began_before_midnight_is_charged_to_its_day()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { PerDay = 1 });
        var midnight = QuotaPeriod.At(Calls.Noon).DayEnds;
        Assert.Null(counters.Take(Calls.Of(1, at: midnight.AddSeconds(-1)), terms, midnight).Refused);
        Assert.Null(counters.Ask(terms, Calls.Of(1, at: midnight)));
        counters.Settle(Calls.Of(1, at: midnight.AddSeconds(-1)), Charge.Match);
        Assert.Equal(1, counters.Day(QuotaPeriod.At(midnight)).Calls.Kept);
        Assert.Equal(1, counters.Day(QuotaPeriod.At(Calls.Noon)).Calls.Kept);
    }

    [Fact]
    public void A_month_ends_in_Casablanca()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { PerMonth = 1 });
        var last = new DateTimeOffset(2026, 11, 30, 22, 59, 59, TimeSpan.Zero);
        Assert.Null(counters.Ask(terms, Calls.Of(1, at: last)));
        Assert.Equal("quota-exhausted", counters.Ask(terms, Calls.Of(2, at: last)));
        Assert.Null(counters.Ask(terms, Calls.Of(2, at: last.AddSeconds(1))));
    }

    [Fact]
    public void Refused_calls_count_against_the_burst_alone()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { PerDay = 1, BurstPerSecond = 3 });
        var codes = Enumerable.Range(0, 5).Select(i => counters.Ask(terms, Calls.Of(i))).ToList();
        Assert.Equal([null, "quota-exhausted", "quota-exhausted", "rate-exceeded", "rate-exceeded"], codes);
        Assert.Equal(new Tally(1, 0), counters.Day(QuotaPeriod.At(Calls.Noon)).Calls);
    }

    [Fact]
    public void A_person_counted_under_two_pseudonyms_is_one_person()
    {
        var (counters, terms) = (new GrantCounters(), Calls.Terms with { PersonsPerDay = 2, PerSubjectPerDay = 2 });
        counters.Restore(Calls.Of(1), Charge.Match);
        counters.Restore(Calls.Of(1001), Charge.Match);
        counters.Day(QuotaPeriod.At(Calls.Noon)).Join(1001, 1);
        Assert.Equal("subject-quota-exhausted", counters.Ask(terms, Calls.Of(1)));
        Assert.Null(counters.Ask(terms, Calls.Of(2)));
        Assert.Equal("quota-exhausted", counters.Ask(terms, Calls.Of(3)));
    }

    private static bool HoldsNothing(GrantCounters counters) =>
        counters.Days.Values.All(static day =>
            day.Calls.Held == 0
            && day.Misses.Held == 0
            && day.People.Held == 0
            && day.Persons.Values.All(static person => person.Held == 0)
            && day.Named.Values.All(static named => named.Held == 0)
        );

    private static bool IsWithin(QuotaTerms terms, GrantCounters counters, List<(QuotaAsk Ask, Charge Charge)> charged)
    {
        foreach (var day in charged.GroupBy(static call => call.Ask.Period))
        {
            if (
                day.Count() > terms.PerDay
                || day.GroupBy(static call => call.Ask.Person).Any(person => person.Count() > terms.PerSubjectPerDay)
            )
                return false;
            if (day.Select(static call => call.Ask.Person).Distinct().Count() > terms.PersonsPerDay)
                return false;
            if (
                day.Where(static call => call.Ask.Agent is not null)
                    .GroupBy(static call => call.Ask.Agent)
                    .Any(agent => agent.Count() > terms.PerAgentPerDay)
            )
                return false;
            if (day.GroupBy(static call => call.Ask.Office).Any(office => office.Count() > terms.PerOfficePerDay))
                return false;
            if (day.Count(static call => call.Charge == Charge.Miss) > terms.MissesPerDay)
                return false;
            // Never more misses than the allowance and one for each person matched.
            foreach (var client in day.GroupBy(static call => call.Ask.Client))
            {
                var matched = client
                    .Where(static call => call.Charge == Charge.Match)
                    .Select(static call => call.Ask.Person)
                    .Distinct()
                    .Count();
                if (client.Count(static call => call.Charge == Charge.Miss) > terms.MissAllowance + matched)
                    return false;
            }

            if (!IsExact(counters.Day(day.Key), [.. day]))
                return false;
        }

        var month = QuotaPeriod.At(Calls.Noon).Month;
        return charged.Count <= terms.PerMonth && counters.Month(month).Kept == charged.Count(call => call.Ask.Period.Month == month);
    }

    // A counter that is too high refuses what the agreement allows: as wrong as one that is too low.
    private static bool IsExact(DayCounters counted, IReadOnlyList<(QuotaAsk Ask, Charge Charge)> charged) =>
        counted.Calls.Kept == charged.Count
        && counted.People.Kept == charged.Select(static call => call.Ask.Person).Distinct().Count()
        && counted.Misses.Kept == charged.Count(static call => call.Charge == Charge.Miss)
        && charged.All(call =>
            counted.Of(call.Ask.Person!.Value).Kept == charged.Count(other => other.Ask.Person == call.Ask.Person)
            && counted.Of(TallyKind.Office, call.Ask.Office!).Kept == charged.Count(other => other.Ask.Office == call.Ask.Office)
            && counted.Of(TallyKind.Client, call.Ask.Client).Kept
                == charged.Count(other => other.Ask.Client == call.Ask.Client && other.Charge == Charge.Miss)
            && (
                call.Ask.Agent is not { } agent
                || counted.Of(TallyKind.Agent, agent).Kept == charged.Count(other => other.Ask.Agent == agent)
            )
        );
}
