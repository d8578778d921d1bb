using System.Runtime.InteropServices;
using Agreements;
using Gateway.Problems;

namespace Gateway.Quotas;

/// <summary>
/// The counters of one grant and the rule that decides on them, the same whether they rest in memory or in PostgreSQL. Not safe for
/// several threads.
/// </summary>
/// <remarks>
/// A call holds a share of every quota while it is under way, and a miss too, since it may become one. So whatever the calls under way turn
/// into, no limit is ever passed. Yesterday's counters stay while calls that began before midnight are under way.
/// </remarks>
internal sealed class GrantCounters
{
    private readonly Dictionary<int, DayCounters> _days = [];
    private readonly Dictionary<int, Tally> _months = [];

    /// <summary>Unix second that <see cref="Burst"/> counts.</summary>
    public long BurstSecond { get; set; }

    /// <summary>Calls of that second, refused ones included.</summary>
    public int Burst { get; set; }

    /// <summary>Batches that are open.</summary>
    public int OpenBatches { get; set; }

    /// <summary>Counters by day.</summary>
    public IReadOnlyDictionary<int, DayCounters> Days => _days;

    /// <summary>Takes a share of every quota, or of the burst alone and says what is used up.</summary>
    /// <param name="ask">Whose counters.</param>
    /// <param name="terms">Quotas of the grant as it stands now.</param>
    /// <param name="now">Clock of the burst.</param>
    /// <param name="whole">Counters of the agreement as a whole, which the call touches too; null when nobody counts them.</param>
    /// <param name="totals">Quotas of the agreement as a whole; null when it sets none.</param>
    public QuotaDecision Take(
        in QuotaAsk ask,
        QuotaTerms terms,
        DateTimeOffset now,
        GrantCounters? whole = null,
        TotalQuotas? totals = null
    )
    {
        var second = now.ToUnixTimeSeconds();
        var next = DateTimeOffset.FromUnixTimeSeconds(second + 1);
        if (second != BurstSecond)
            (BurstSecond, Burst) = (second, 0);
        if (ask.OnlyMisses)
            return TakeMiss(ask, terms, next, whole);
        // A line of a batch comes again by itself: it leaves a tenth of the burst to single questions, and what is refused of it takes
        // nothing.
        var most = ask.IsBulk ? Math.Max(1, terms.BurstPerSecond - Math.Max(1, terms.BurstPerSecond / 10)) : terms.BurstPerSecond;
        var isOver = Burst >= most;
        if (!(isOver && ask.IsBulk))
            Burst++;
        if (isOver)
            return new QuotaDecision(
                Problem.RateExceeded,
                new QuotaState("burstPerSecond", terms.BurstPerSecond, 0, next, IsPassing: true)
            );
        var check = new QuotaCheck(next);
        check.Look(Problem.RateExceeded, "burstPerSecond", terms.BurstPerSecond, new Tally(Burst - 1, 0), next);
        var day = Day(ask.Period);
        Look(ref check, ask, terms, day);
        check.Look(Problem.QuotaExhausted, "perMonth", terms.PerMonth, Month(ask.Period.Month), ask.Period.MonthEnds);
        if (totals is not null)
            whole?.LookAtWhole(ref check, ask.Period, totals);
        if (check.Refused is not null)
            return new QuotaDecision(check.Refused, check.State, Walks(ask, terms, day));
        Hold(ask, day);
        whole?.HoldWhole(ask.Period);
        return new QuotaDecision(Refused: null, check.State, Walks(ask, terms, day));
    }

    private QuotaDecision TakeMiss(in QuotaAsk ask, QuotaTerms terms, DateTimeOffset next, GrantCounters? whole)
    {
        var check = new QuotaCheck(next);
        var day = Day(ask.Period);
        var client = day.Of(TallyKind.Client, ask.Client);
        check.LookAtMisses("missAllowance", AllowanceOf(client, terms), client, ask.Period.DayEnds, show: false);
        if (check.Refused is null)
        {
            Hold(ask, day);
            whole?.HoldWhole(ask.Period);
        }

        return new QuotaDecision(check.Refused, check.State, Walks(ask, terms, day));
    }

    /// <summary>Charges a call that had taken its share, or gives it back. What is older than yesterday is past.</summary>
    public void Settle(in QuotaAsk ask, Charge charge)
    {
        if (_days.TryGetValue(ask.Period.Day, out var day))
            day.Settle(ask, charge);
        SettleMonth(ask.Period, charge);
    }

    /// <summary>The same in the counters of an agreement as a whole.</summary>
    public void SettleWhole(QuotaPeriod period, Charge charge)
    {
        if (_days.TryGetValue(period.Day, out var day))
            day.SettleCall(charge);
        SettleMonth(period, charge);
    }

    /// <summary>Counts a call that a record tells of: no limit is asked, for it was answered.</summary>
    public void Restore(in QuotaAsk ask, Charge charge)
    {
        Hold(ask, Day(ask.Period));
        Settle(ask, charge);
    }

    /// <summary>The same in the counters of an agreement as a whole.</summary>
    public void RestoreWhole(QuotaPeriod period, Charge charge)
    {
        HoldWhole(period);
        SettleWhole(period, charge);
    }

    /// <summary>What was counted in a month.</summary>
    public Tally Month(int month) => _months.GetValueOrDefault(month);

    /// <summary>Sets what was counted in a month.</summary>
    public void SetMonth(int month, Tally tally) => _months[month] = tally;

    /// <summary>Counters of a day; those before yesterday go.</summary>
    public DayCounters Day(QuotaPeriod period)
    {
        if (_days.TryGetValue(period.Day, out var day))
            return day;
        foreach (var old in _days.Keys.Where(known => known < period.Day - 1).ToList())
            _days.Remove(old);
        foreach (var old in _months.Keys.Where(known => known < period.Month - 1).ToList())
            _months.Remove(old);
        return _days[period.Day] = new DayCounters();
    }

    private static void Look(ref QuotaCheck check, in QuotaAsk ask, QuotaTerms terms, DayCounters day)
    {
        var resets = ask.Period.DayEnds;
        if (ask.Person is { } person)
        {
            var asked = day.Of(person);
            check.Look(Problem.SubjectQuotaExhausted, "perSubjectPerDay", terms.PerSubjectPerDay, asked, resets);
            if (asked.Taken == 0)
                check.Look(Problem.QuotaExhausted, "personsPerDay", terms.PersonsPerDay, day.People, resets);
        }

        if (ask.Agent is { } agent)
            check.Look(Problem.AgentQuotaExhausted, "perAgentPerDay", terms.PerAgentPerDay, day.Of(TallyKind.Agent, agent), resets);
        if (ask.Office is { } office)
            check.Look(Problem.QuotaExhausted, "perOfficePerDay", terms.PerOfficePerDay, day.Of(TallyKind.Office, office), resets);
        check.LookAtMisses("missesPerDay", terms.MissesPerDay, day.Misses, resets, show: true);
        var client = day.Of(TallyKind.Client, ask.Client);
        check.LookAtMisses("missAllowance", AllowanceOf(client, terms), client, resets, show: false);
        check.Look(Problem.QuotaExhausted, "perDay", terms.PerDay, day.Calls, resets);
    }

    private static long? AllowanceOf(Tally client, QuotaTerms terms) => terms.MissAllowance + terms.MissesPerMatch * client.Matches;

    // A tenth of the allowance is left, or less: the operators hear of it before the system is stopped.
    private static bool Walks(in QuotaAsk ask, QuotaTerms terms, DayCounters day) =>
        day.Of(TallyKind.Client, ask.Client) is var client && AllowanceOf(client, terms) - client.Kept <= terms.MissAllowance / 10;

    private void LookAtWhole(ref QuotaCheck check, QuotaPeriod period, TotalQuotas totals)
    {
        check.Look(Problem.QuotaExhausted, "agreementPerDay", totals.PerDay, Day(period).Calls, period.DayEnds);
        check.Look(Problem.QuotaExhausted, "agreementPerMonth", totals.PerMonth, Month(period.Month), period.MonthEnds);
    }

    private void HoldWhole(QuotaPeriod period)
    {
        Day(period).Calls.Held++;
        CollectionsMarshal.GetValueRefOrAddDefault(_months, period.Month, out _).Held++;
    }

    private void SettleMonth(QuotaPeriod period, Charge charge)
    {
        ref var month = ref CollectionsMarshal.GetValueRefOrNullRef(_months, period.Month);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref month))
            return;
        month.Held--;
        if (charge.IsAnswer())
            month.Kept++;
    }

    private void Hold(in QuotaAsk ask, DayCounters day)
    {
        day.Hold(ask);
        CollectionsMarshal.GetValueRefOrAddDefault(_months, ask.Period.Month, out _).Held++;
    }
}

/// <summary>What the counters say to a call.</summary>
/// <param name="Refused">Code of the refusal; null when the share was taken.</param>
/// <param name="State">The tightest quota, or the one that is used up.</param>
/// <param name="Walks">The system has used up its misses, or nearly: somebody may be walking over identifiers.</param>
internal readonly record struct QuotaDecision(Problem? Refused, QuotaState State, bool Walks = false);
