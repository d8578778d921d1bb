using Agreements.Loading.Conventions;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Remembered;

/// <summary>
/// Compares a set with what was law before. A version that was replaced does not come back, and a version has one text. A signature is
/// judged on the day on which it is seen first: when its institution is suspended on that day, or its key is out of its term, it never
/// counts.
/// </summary>
internal sealed class BookRules(LawBook book, LoadContext context, Func<string, bool> isSuspended)
{
    /// <summary>Reports what must not be law.</summary>
    public void Check(IReadOnlyCollection<AgreementEntry> agreements)
    {
        foreach (var entry in agreements)
        {
            Version(entry);
            foreach (var signature in entry.Agreement.Signatures)
                Signature(entry, signature);
        }
    }

    /// <summary>Remembers a set that is about to be law.</summary>
    public void Take(IReadOnlyCollection<AgreementEntry> agreements)
    {
        foreach (var agreement in agreements.Select(static entry => entry.Agreement))
            if (agreement.Signed && !(book.Find(agreement.Id) is { } known && known.Version > agreement.Version))
                book.Take(agreement.Id, new KnownVersion(agreement.Version, agreement.TextDigest, agreement.Digest));
    }

    private void Version(AgreementEntry entry)
    {
        var agreement = entry.Agreement;
        if (book.Find(agreement.Id) is not { } known)
            return;
        if (agreement.Version < known.Version)
            Report("version-replaced");
        else if (
            agreement.Version == known.Version
            && !book.MayRedraft
            && (known.Text is { } text ? text != agreement.TextDigest : known.File != agreement.Digest)
        )
            Report("version-other-text");

        void Report(string code) =>
            entry.Report.Error(entry.VersionLine, code, Number(agreement.Version), Number(known.Version), Number(known.Version + 1));
    }

    private void Signature(AgreementEntry entry, AgreementParty signature)
    {
        // What stood in a file that was law counts as seen with it.
        var seen = book.Counts(signature.Identity)
            ?? (book.IsNew || book.Find(entry.Agreement.Id)?.File == entry.Agreement.Digest ? true : null);
        var why = Obstacle(signature);
        if (book.Counts(signature.Identity) is null)
            book.See(signature.Identity, seen ?? why is null);
        if (seen is true || (seen is null && why is null))
            return;
        entry.Report.Error(entry.SignaturesLine, why ?? "signature-uncounted", signature.Institution, SignCommand);
    }

    private string? Obstacle(AgreementParty signature)
    {
        if (isSuspended(signature.Institution))
            return "signature-suspended";
        return
            context.Institutions.TryGetValue(signature.Institution, out var institution)
            && !institution.IsInTerm(signature.KeyId, context.Today)
            ? "signature-out-of-term"
            : null;
    }
}
