using System.Globalization;
using System.Text.Json;
using Agreements;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// Writes a person answer in JSON, members in the order of the design's examples:
/// <code>
/// {"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"ENROLLED","schoolYear":"2026-2027"},
///  "asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR"],"sourcesUnavailable":[]}
/// </code>
/// A line of a batch has <c>reference</c> and <c>exchangeId</c> before them and no line feed behind.
/// </summary>
public static class DisclosureWriter
{
    internal static Disclosure Write(AnswerTree tree, ulong mask, ReleaseTerms terms, CombinedAnswer answer)
    {
        using var scratch = Scratch.Take();
        var json = scratch.Json;
        json.WriteStartObject();
        if (terms.Line is { } line)
            WriteLine(json, line, LineOutcome.Of(answer.MatchStatus));
        json.WriteString("schemaVersion"u8, "1.0"u8);
        if (terms.Line is null || answer.MatchStatus != MatchStatus.Unavailable)
            json.WriteString("matchStatus"u8, answer.MatchStatus);
        // Where no call failed, the source itself says that it cannot answer.
        else
            ProblemDocument.WriteInLine(json, answer.FirstFailure ?? new Refusal(Problem.ProviderUnavailable), terms.Now);
        var leaves = answer.MatchStatus == MatchStatus.Matched ? WriteObject(tree, mask, answer, scratch) : 0;
        if (answer.ReliableFrom is { } reliable)
            json.WriteString("reliableFrom"u8, Text(reliable));
        if (answer.IsStale(terms))
            json.WriteBoolean("stale"u8, value: true);
        if (AsOf(terms, answer) is { } asOf)
            json.WriteString("asOf"u8, Text(asOf));
        json.WriteString("source"u8, answer.Answer.Source);
        if (Declares(tree, EnvelopeField.SourcesConsulted))
            WriteCodes(json, "sourcesConsulted"u8, answer.Consulted);
        if (Declares(tree, EnvelopeField.SourcesUnavailable))
            WriteCodes(json, "sourcesUnavailable"u8, answer.Unavailable);
        if (terms.Contest is { } contest && answer.IsContestable(terms))
            WriteContest(json, contest);
        json.WriteEndObject();
        return Disclosed(tree, answer, leaves, scratch);
    }

    /// <summary>Writes the result line of a question that was not answered: it was refused, it was none, or no source answered.</summary>
    /// <param name="line">The line.</param>
    /// <param name="refusal">Why: told as precisely as to a single call, save the words for people.</param>
    /// <param name="now">When; from then on the seconds of the refusal count.</param>
    public static byte[] WriteUnanswered(AnswerLine line, Refusal refusal, DateTimeOffset now)
    {
        using var scratch = Scratch.Take();
        var json = scratch.Json;
        json.WriteStartObject();
        WriteLine(json, line, LineOutcome.Of(refusal));
        json.WriteString("schemaVersion"u8, "1.0"u8);
        ProblemDocument.WriteInLine(json, refusal, now);
        json.WriteEndObject();
        return scratch.ToArray();
    }

    private static Disclosure Disclosed(AnswerTree tree, CombinedAnswer answer, ulong leaves, Scratch scratch)
    {
        var (seen, undeclared) = (0UL, 0);
        foreach (var one in answer.Answers)
        {
            seen |= one.ReleasedLeaves | one.StrippedLeaves;
            undeclared += one.Undeclared;
        }

        return new Disclosure
        {
            Body = scratch.ToArray(),
            ContentType = "application/json",
            MatchStatus = answer.MatchStatus,
            ReleasedPaths = tree.Paths.Of(leaves),
            StrippedPaths = tree.Paths.Of(seen & ~leaves),
            Undeclared = undeclared,
        };
    }

    // The answer object. Gives the leaves that are in it.
    private static ulong WriteObject(AnswerTree tree, ulong mask, CombinedAnswer answer, Scratch scratch)
    {
        if (answer.Answer.Released.IsEmpty)
            return 0;
        if (answer.Pending is not null)
            mask &= tree.PendingLeaves;
        var reader = new Utf8JsonReader(answer.Answer.Released.Span);
        reader.Read();
        scratch.Lazy.Reset();
        var rewrite = new ReleasedObject(tree, mask, answer.Pending, scratch);
        rewrite.Members(ref reader, tree.Root);
        return rewrite.Leaves;
    }

    private static DateTimeOffset? AsOf(ReleaseTerms terms, CombinedAnswer answer)
    {
        var asOf = answer.Answer.AsOf;
        return asOf is { } stated && terms.NotFoundAtMidnight && answer.MatchStatus == MatchStatus.NotFound
            ? CivilTime.StartOf(CivilTime.DateOf(stated))
            : asOf;
    }

    private static bool Declares(AnswerTree tree, EnvelopeField field)
    {
        foreach (var member in tree.Root.Members)
            if (member.Field == field)
                return true;
        return false;
    }

    private static void WriteLine(Utf8JsonWriter json, AnswerLine line, string outcome)
    {
        json.WriteString("reference"u8, line.Reference);
        json.WriteString("exchangeId"u8, line.ExchangeId);
        json.WriteString("outcome"u8, outcome);
    }

    private static void WriteCodes(Utf8JsonWriter json, ReadOnlySpan<byte> name, System.Collections.Immutable.ImmutableArray<string> codes)
    {
        json.WriteStartArray(name);
        foreach (var code in codes)
            json.WriteStringValue(code);
        json.WriteEndArray();
    }

    private static void WriteContest(Utf8JsonWriter json, Contest contest)
    {
        json.WriteStartObject("contest"u8);
        json.WriteString("reviewPath"u8, contest.ReviewPath);
        json.WriteString("openUntil"u8, Text(contest.OpenUntil));
        json.WriteString("ticket"u8, contest.Ticket);
        json.WriteEndObject();
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
