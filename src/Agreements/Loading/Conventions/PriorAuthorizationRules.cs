namespace Agreements.Loading.Conventions;

/// <summary>Says at load which grants will not start for want of a CNDP authorization (exchanges page, section 2).</summary>
internal static class PriorAuthorizationRules
{
    public static void Check(IEnumerable<AgreementEntry> agreements, LoadContext context)
    {
        // One that has run out needs nothing any more.
        foreach (var entry in agreements.Where(entry => entry.Agreement.Until >= context.Today))
            foreach (var grant in entry.Grants)
                if (context.Reference.Purposes.TryGetValue(grant.Grant.Purpose, out var purpose) && purpose.Authorization is AuthorizationNeed.Required
                    && (entry.Agreement.PriorAuthorization is not { } prior || !prior.Purposes.Contains(purpose.Code) || context.Today > prior.Until))
                    grant.Fields.Report.Warn(grant.Fields.LineOf("purpose"), $"{purpose.Code} needs a prior authorization of the CNDP that covers it today: the grant does not start", "Name its number, dates and purposes under 'priorAuthorization'");
    }
}
