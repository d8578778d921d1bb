using System.Text.Json;
using System.Text.Unicode;
using Agreements;
using Agreements.Contracts;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// FHIR R4 searches about one person (health page, sections 4 and 5): whatever it does not understand, it refuses; whatever was
/// not agreed, it drops; it never passes on half an answer.
/// </summary>
public sealed class FhirMinimizer : IMinimizer
{
    private readonly FhirReleasePlan _plan;

    private FhirMinimizer(FhirReleasePlan plan) => _plan = plan;

    /// <summary>Compiles a release list.</summary>
    /// <exception cref="ArgumentException">A path is not in the element table; the registry refuses such an agreement before.</exception>
    public static FhirMinimizer Compile(FhirType type, GrantedOperation granted) => new(new FhirReleasePlan(type, granted));

    /// <inheritdoc/>
    public Verdict<SourceAnswer> Read(ReleaseTerms terms, ReadOnlyMemory<byte> body)
    {
        if (terms.Fhir is null)
            throw new ArgumentException("A FHIR source has FHIR terms.", nameof(terms));
        if (body.Length > terms.MaxAnswerBytes)
            return JsonMinimizer.Refuse(Problem.ProviderAnswerTooLarge, terms, "longer than the grant allows");
        if (!Utf8.IsValid(body.Span))
            return JsonMinimizer.Refuse(Problem.ProviderInvalidAnswer, terms, "not UTF-8");
        using var scratch = Scratch.Take();
        try
        {
            var walk = new BundleWalk(_plan, terms, body.Span, scratch);
            return walk.Run() ? Answer(terms, ref walk, scratch) : JsonMinimizer.Refuse(walk.Fault!, terms, walk.Defect!);
        }
        // What was read of it is not told: the exception names bytes of the answer.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return JsonMinimizer.Refuse(Problem.ProviderInvalidAnswer, terms, "not JSON");
        }
    }

    /// <inheritdoc/>
    public Disclosure Write(ReleaseTerms terms, CombinedAnswer answer)
    {
        var matched = answer.MatchStatus == MatchStatus.Matched;
        var (seen, undeclared) = (0UL, 0);
        foreach (var one in answer.Answers)
        {
            seen |= one.ReleasedLeaves | one.StrippedLeaves;
            undeclared += one.Undeclared;
        }

        var released = matched ? answer.Answer.ReleasedLeaves : 0;
        return new Disclosure
        {
            Body = BundleWriter.Write(_plan, terms, answer),
            ContentType = OperationOutcomeWriter.ContentType,
            MatchStatus = answer.MatchStatus,
            ReleasedPaths = _plan.Paths.Of(released),
            StrippedPaths = _plan.Paths.Of(seen & ~released),
            Undeclared = undeclared,
        };
    }

    private SourceAnswer Answer(ReleaseTerms terms, ref BundleWalk walk, Scratch scratch)
    {
        var status =
            walk.IsAmbiguous ? MatchStatus.Ambiguous
            : walk.IsIncomplete ? MatchStatus.Unavailable
            : walk.IsKnown ? MatchStatus.Matched
            : MatchStatus.NotFound;
        var matched = status == MatchStatus.Matched;
        return new SourceAnswer
        {
            Source = terms.Source,
            MatchStatus = status,
            AsOf = walk.Timestamp ?? terms.Now,
            Released = matched ? scratch.ToArray() : default,
            Matches = matched ? walk.Matches : 0,
            Undeclared = walk.Undeclared,
            Names = _plan.Paths,
            ReleasedLeaves = matched ? walk.Released : 0,
            StrippedLeaves = matched ? walk.Stripped : walk.Stripped | walk.Released,
        };
    }
}
