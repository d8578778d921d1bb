using Ledger.Notes;

namespace Ledger.Witnesses;

/// <summary>What is asked of witnesses before a log may sign again (ledger page §10, N4): a restored backup does not sign.</summary>
public static class WitnessStart
{
    /// <summary>
    /// Asks every witness of the policy for its latest checkpoint of this log and lets <paramref name="options"/> demand that the log
    /// continues all of them.
    /// </summary>
    /// <param name="options">The log to be opened.</param>
    /// <param name="key">Its key.</param>
    /// <param name="policy">The witnesses; those without an address are not asked.</param>
    /// <param name="http">Whose time-out bounds the wait.</param>
    /// <param name="required">At least one must answer.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>How many answered.</returns>
    /// <exception cref="LedgerUnavailable">None answered, and one is required: the log is not opened.</exception>
    public static async Task<int> AskAsync(
        LedgerOptions options,
        VerifierKey key,
        TrustPolicy policy,
        HttpClient http,
        bool required,
        CancellationToken cancel = default
    )
    {
        var answers = await Task.WhenAll(
            policy
                .Witnesses.Where(static witness => witness.Url is not null)
                .Select(witness => new WitnessClient(http, witness).LatestAsync(key, cancel))
        );
        var answered = answers.Count(static answer => answer.Answered);
        if (required && answered == 0)
        {
            throw new LedgerUnavailable(
                "no witness answers, so nobody can say whether this log is the newest copy of itself: the start needs one"
            );
        }

        options.MustExtend = [.. options.MustExtend, .. answers.Select(static answer => answer.Note).OfType<string>()];
        return answered;
    }
}
