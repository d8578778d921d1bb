using System.Text.Json;
using Agreements;
using Gateway.Quotas;

namespace Gateway.Catalogue;

/// <summary>What is left of the quotas of a caller's grants, on one node or on several.</summary>
internal sealed class QuotaUsage(IQuotaBook book)
{
    /// <summary>What is left of each of these grants, by grant id; a refusal while nobody can say.</summary>
    public async ValueTask<Verdict<Dictionary<string, IReadOnlyList<QuotaState>>>> OfAsync(
        Agreement agreement,
        IEnumerable<Grant> grants,
        string? office
    )
    {
        var usage = new Dictionary<string, IReadOnlyList<QuotaState>>(StringComparer.Ordinal);
        foreach (var grant in grants)
        {
            if (!(await book.UsageAsync(agreement, grant, office)).Allows(out var states, out var refusal))
                return refusal;
            usage[grant.Id] = states;
        }

        return usage;
    }

    /// <summary>
    /// Writes every quota of a grant and of its agreement: its limit, and of those that are one number for the whole grant what is used,
    /// what is left and when it starts anew. Quotas for one person or one agent have no such number.
    /// </summary>
    /// <param name="json">Where to.</param>
    /// <param name="terms">Quotas of the grant.</param>
    /// <param name="totals">Quotas of the agreement as a whole.</param>
    /// <param name="states">What is left; null to leave it out.</param>
    public static void Write(Utf8JsonWriter json, QuotaTerms terms, TotalQuotas? totals, IReadOnlyList<QuotaState>? states)
    {
        json.WriteStartObject("quotas");
        foreach (var (name, limit) in terms.Stated().Concat(totals?.Stated() ?? []))
        {
            json.WriteStartObject(name);
            json.WriteNumber("limit", limit);
            foreach (var state in states ?? [])
            {
                if (state.Quota != name)
                    continue;
                json.WriteNumber("used", state.Limit - state.Remaining);
                json.WriteNumber("remaining", state.Remaining);
                json.WriteString("resetsAt", state.ResetsAt.UtcDateTime);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
