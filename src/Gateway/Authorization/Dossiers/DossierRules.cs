namespace Gateway.Authorization.Dossiers;

/// <summary>
/// What a declaration does to the periods of one person under one clause. Periods never overlap. The same declaration a second time
/// changes nothing; one that contradicts what stands is a conflict, so that nobody's dossier is rewritten by an event out of order.
/// </summary>
internal static class DossierRules
{
    /// <summary>Applies a declaration.</summary>
    /// <param name="periods">The person's periods in order of days; changed only when the outcome is Accepted.</param>
    /// <param name="declaration">The declaration.</param>
    /// <param name="place">Its place in the log.</param>
    /// <param name="opening">Place of the declaration that opened the dossier concerned; 0 when there is none.</param>
    public static DeclaredOutcome Apply(List<Period> periods, in Declaration declaration, uint place, out uint opening)
    {
        opening = 0;
        if (declaration.Act == DeclaredAct.Open)
            return Open(periods, declaration, place, ref opening);
        var at = Containing(periods, declaration.From);
        if (at < 0)
            return DeclaredOutcome.Conflict;
        opening = periods[FirstOf(periods, at)].Declared;
        return declaration.Act == DeclaredAct.Close ? Close(periods, declaration, at) : Move(periods, declaration, place, at);
    }

    // A dossier opens on days that no other has; the same dossier again, moved meanwhile or not, is nothing new.
    private static DeclaredOutcome Open(List<Period> periods, in Declaration declaration, uint place, ref uint opening)
    {
        for (var i = 0; i < periods.Count; i++)
        {
            var period = periods[i];
            if (period.To < declaration.From || period.From > declaration.To)
                continue;
            var same =
                period.From == declaration.From
                && !period.Continues
                && period.Province == declaration.Province
                && periods[LastOf(periods, i)].To == declaration.To;
            if (!same)
                return DeclaredOutcome.Conflict;
            opening = period.Declared;
            return DeclaredOutcome.Unchanged;
        }

        var after = 0;
        while (after < periods.Count && periods[after].From < declaration.From)
            after++;
        periods.Insert(after, new Period(declaration.From, declaration.To, declaration.Province, Continues: false, place));
        opening = place;
        return DeclaredOutcome.Accepted;
    }

    // What lies behind the last day goes, later moves included.
    private static DeclaredOutcome Close(List<Period> periods, in Declaration declaration, int at)
    {
        var last = LastOf(periods, at);
        if (periods[last].To == declaration.To)
            return DeclaredOutcome.Unchanged;
        if (periods[last].To < declaration.To)
            return DeclaredOutcome.Conflict;
        for (; periods[last].From > declaration.To; last--)
            periods.RemoveAt(last);
        periods[last] = periods[last] with { To = declaration.To };
        return DeclaredOutcome.Accepted;
    }

    // A move before a later move is out of order.
    private static DeclaredOutcome Move(List<Period> periods, in Declaration declaration, uint place, int at)
    {
        var period = periods[at];
        if (period.Province == declaration.Province)
            return DeclaredOutcome.Unchanged;
        if (LastOf(periods, at) != at)
            return DeclaredOutcome.Conflict;
        if (period.From == declaration.From)
        {
            periods[at] = period with { Province = declaration.Province, Declared = period.Continues ? place : period.Declared };
            return DeclaredOutcome.Accepted;
        }

        periods[at] = period with { To = (ushort)(declaration.From - 1) };
        periods.Insert(at + 1, new Period(declaration.From, period.To, declaration.Province, Continues: true, place));
        return DeclaredOutcome.Accepted;
    }

    private static int Containing(List<Period> periods, ushort day)
    {
        for (var i = 0; i < periods.Count; i++)
            if (periods[i].From <= day && day <= periods[i].To)
                return i;
        return -1;
    }

    private static int FirstOf(List<Period> periods, int at)
    {
        while (at > 0 && periods[at].Continues)
            at--;
        return at;
    }

    private static int LastOf(List<Period> periods, int at)
    {
        while (at + 1 < periods.Count && periods[at + 1].Continues)
            at++;
        return at;
    }
}
