using System.Runtime.InteropServices;

namespace Gateway.Quotas;

/// <summary>What one grant has counted on one civil day.</summary>
internal sealed class DayCounters
{
    /// <summary>Calls.</summary>
    public Tally Calls;

    /// <summary>Answers NOT_FOUND; each call under way holds one.</summary>
    public Tally Misses;

    /// <summary>Distinct persons; held are those of whom no call is charged yet.</summary>
    public Tally People;

    /// <summary>Calls about each person, by pseudonym.</summary>
    public Dictionary<UInt128, Tally> Persons { get; } = [];

    /// <summary>Counters of agents, offices and clients.</summary>
    public Dictionary<(TallyKind Kind, string Name), Tally> Named { get; } = [];

    /// <summary>Calls about a person; nothing when nobody asked.</summary>
    public Tally Of(UInt128 person) => Persons.GetValueOrDefault(person);

    /// <summary>A named counter; nothing when it was never used.</summary>
    public Tally Of(TallyKind kind, string name) => Named.GetValueOrDefault((kind, name));

    /// <summary>Holds a share of everything that a call touches.</summary>
    public void Hold(in QuotaAsk ask)
    {
        Calls.Held++;
        Misses.Held++;
        At(TallyKind.Client, ask.Client).Held++;
        if (ask.Office is not null)
            At(TallyKind.Office, ask.Office).Held++;
        if (ask.Agent is not null)
            At(TallyKind.Agent, ask.Agent).Held++;
        if (ask.Person is not { } person)
            return;
        ref var asked = ref CollectionsMarshal.GetValueRefOrAddDefault(Persons, person, out _);
        if (asked.Taken == 0)
            People.Held++;
        asked.Held++;
    }

    /// <summary>Turns what a call held into its charge.</summary>
    public void Settle(in QuotaAsk ask, Charge charge)
    {
        var kept = charge.IsAnswer();
        Move(ref Calls, kept);
        Move(ref Misses, charge == Charge.Miss);
        if (ask.Office is not null)
            Move(ref At(TallyKind.Office, ask.Office), kept);
        if (ask.Agent is not null)
            Move(ref At(TallyKind.Agent, ask.Agent), kept);
        ref var client = ref At(TallyKind.Client, ask.Client);
        // A refusal that told something about a person stops the system that walks, and no other of the grant.
        Move(ref client, charge is Charge.Miss or Charge.Refused);
        if (ask.Person is not { } person)
        {
            if (charge == Charge.Match)
                client.Matches++;
            return;
        }

        ref var asked = ref CollectionsMarshal.GetValueRefOrAddDefault(Persons, person, out _);
        var before = asked;
        Move(ref asked, kept);
        Regard(before, asked);
        // A person pays for misses once: whoever tries numbers cannot buy more tries with one known person.
        if (charge != Charge.Match || asked.Matches > 0)
            return;
        asked.Matches = 1;
        client.Matches++;
    }

    /// <summary>Turns what a call held of <see cref="Calls"/> alone into its charge.</summary>
    public void SettleCall(Charge charge) => Move(ref Calls, charge.IsAnswer());

    /// <summary>One person was counted under two pseudonyms: joins them under the second.</summary>
    public void Join(UInt128 alias, UInt128 person)
    {
        if (alias == person || !Persons.Remove(alias, out var other))
            return;
        ref var asked = ref CollectionsMarshal.GetValueRefOrAddDefault(Persons, person, out _);
        if (asked.Taken > 0 && other.Taken > 0)
            People.Kept--;
        asked = new Tally(asked.Kept + other.Kept, asked.Held + other.Held, Math.Max(asked.Matches, other.Matches));
    }

    private ref Tally At(TallyKind kind, string name) => ref CollectionsMarshal.GetValueRefOrAddDefault(Named, (kind, name), out _);

    private void Regard(Tally before, Tally after)
    {
        if (before.Kept > 0)
            return;
        if (after.Kept > 0)
            Move(ref People, kept: true);
        else if (after.Held == 0)
            Move(ref People, kept: false);
    }

    private static void Move(ref Tally tally, bool kept)
    {
        tally.Held--;
        if (kept)
            tally.Kept++;
    }
}
