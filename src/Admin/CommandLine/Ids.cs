using System.Text.RegularExpressions;

namespace Admin.CommandLine;

/// <summary>Forms of ids that this tool makes; what the loader would not take is not made.</summary>
internal static partial class Ids
{
    private const RegexOptions Strict = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <exception cref="Declined">No id of a system.</exception>
    internal static void RefuseClient(string id)
    {
        if (!ClientForm.IsMatch(id))
            throw Declined.Usage("client-id", id, "menps-support");
    }

    /// <exception cref="Declined">No id of an agreement.</exception>
    internal static void RefuseAgreement(string id)
    {
        if (!AgreementForm.IsMatch(id))
            throw Declined.Usage("agreement-id", id, "ANSS-MENPS-2027-01");
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)+\z", Strict, 30_000)]
    private static partial Regex ClientForm { get; }

    [GeneratedRegex(@"\A[A-Z0-9]+(-[A-Z0-9]+){1,5}\z", Strict, 30_000)]
    private static partial Regex AgreementForm { get; }
}
