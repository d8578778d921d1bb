namespace Agreements.Loading.Conventions;

/// <summary>
/// A purpose that needs a prior authorization of the CNDP and has none stops the load. One that has run out does not: its number stands in
/// what was signed, and its grants answer <c>prior-authorization-missing</c> (exchanges page, section 2), which is said here as a warning.
/// </summary>
internal static class PriorAuthorizationRules
{
    private const string Clause = "priorAuthorization";

    public static void Check(IEnumerable<AgreementEntry> agreements, LoadContext context)
    {
        // An agreement that has run out needs nothing any more.
        foreach (var entry in agreements.Where(entry => entry.Agreement.Until >= context.Today))
            foreach (var grant in entry.Grants)
                if (
                    context.Reference.Purposes.TryGetValue(grant.Grant.Purpose, out var purpose)
                    && purpose.Authorization is AuthorizationNeed.Required
                )
                    Check(entry, grant.PurposeLine, purpose.Code, context.Today);
    }

    private static void Check(AgreementEntry entry, int line, string purpose, DateOnly today)
    {
        var report = entry.Report;
        if (entry.Agreement.PriorAuthorization is not { } prior || !prior.Purposes.Contains(purpose))
            report.Error(line, "prior-needed", purpose, Clause);
        else if (today > prior.Until)
            report.Warn(line, "prior-over", purpose, prior.Until, Clause);
    }
}
