using Agreements.Texts;
using Wording;

namespace Gateway.Problems;

/// <summary>The words of a refusal as its reader knows them: institutions, purposes, operations, qualities and quotas by their
/// names.</summary>
internal static class DetailWords
{
    /// <summary>What stands in the blanks of a named detail, in their order.</summary>
    public static List<Blank> Of(Refusal refusal, LawNames names)
    {
        var said = new List<Blank>(refusal.Words.Length + 2);
        for (var place = 0; place < refusal.Words.Length; place++)
            said.Add(Named(refusal, place, names));
        // One that is over in a moment is no day to wait for.
        if (refusal.Quota is { IsPassing: false } quota && LawNames.HasQuota(quota.Quota))
            said.AddRange([names.Quota(quota.Quota, quota.Limit), quota.ResetsAt]);
        return said;
    }

    private static Blank Named(Refusal refusal, int place, LawNames names)
    {
        var word = refusal.Words[place];
        return (refusal.Problem.Code, place) switch
        {
            ("operation-not-covered" or "purpose-not-covered" or "field-not-allowed", 1) or ("operation-disabled", 0) => names.Operation(
                word
            ),
            ("purpose-not-covered", 2) or ("prior-authorization-missing", 1) => names.Purpose(word),
            ("dossier-not-open", > 0) => names.Quality(word),
            (_, 0) when refusal.Provider == word => names.Institution(word),
            _ => word,
        };
    }
}
