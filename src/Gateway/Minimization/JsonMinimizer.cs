using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// Person answers in JSON: one tree of the contract for all agreements, one set of leaves for each release list.
/// </summary>
/// <param name="tree">The operation's answer; of a batch, that of the operation it repeats.</param>
/// <param name="released">Leaves that the agreement releases.</param>
public sealed class JsonMinimizer(AnswerTree tree, ulong released) : IMinimizer
{
    /// <summary>Compiles a release list.</summary>
    /// <exception cref="ArgumentException">A path does not exist in the operation's contract; the registry refuses such an agreement
    /// before.</exception>
    public static JsonMinimizer Compile(AnswerTree tree, ImmutableArray<string> release)
    {
        var leaves = 0UL;
        foreach (var path in release)
        {
            var found = tree.Paths.Find(path);
            if (found == 0)
                throw new ArgumentException($"The path {path} is not in the contract.", nameof(release));
            leaves |= found;
        }

        return new JsonMinimizer(tree, leaves);
    }

    /// <summary>The contract's answer.</summary>
    public AnswerTree Tree => tree;

    /// <summary>Leaves that the agreement releases.</summary>
    public ulong Leaves => released;

    /// <inheritdoc/>
    public Verdict<SourceAnswer> Read(ReleaseTerms terms, ReadOnlyMemory<byte> body)
    {
        if (body.Length > terms.MaxAnswerBytes)
            return Refuse(Problem.ProviderAnswerTooLarge, terms, "longer than the grant allows");
        if (!Utf8.IsValid(body.Span))
            return Refuse(Problem.ProviderInvalidAnswer, terms, "not UTF-8");
        using var scratch = Scratch.Take();
        try
        {
            var walk = new AnswerWalk(tree, Mask(terms), body.Span, terms, scratch);
            if (!walk.Run())
                return Refuse(Problem.ProviderInvalidAnswer, terms, walk.Defect ?? "not JSON");
            return walk.WrongSubject
                ? Refuse(Problem.ProviderWrongSubject, terms, "the echo of the person differs")
                : Answer(terms, ref walk, scratch);
        }
        // What was read of it is not told: the exception names bytes of the answer.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return Refuse(Problem.ProviderInvalidAnswer, terms, "not JSON");
        }
    }

    /// <inheritdoc/>
    public Disclosure Write(ReleaseTerms terms, CombinedAnswer answer) => DisclosureWriter.Write(tree, Mask(terms), terms, answer);

    internal static Refusal Refuse(Problem problem, ReleaseTerms terms, string reason) =>
        new(problem)
        {
            Provider = terms.Provider,
            Words = [terms.Provider],
            Reason = $"{terms.Source}: {reason}",
        };

    private ulong Mask(ReleaseTerms terms)
    {
        if (terms.Fields.IsEmpty)
            return released;
        var wanted = 0UL;
        foreach (var field in terms.Fields)
            wanted |= tree.Paths.Find(field);
        return released & wanted;
    }

    private SourceAnswer Answer(ReleaseTerms terms, ref AnswerWalk walk, Scratch scratch) =>
        new()
        {
            Source = terms.Source,
            MatchStatus = walk.MatchStatus!,
            Status = walk.Status,
            Since = walk.Since,
            AsOf = walk.AsOf,
            ReliableFrom = SourceAnswer.Ahead(walk.ReliableFrom, terms.ReliableFrom, terms.Today),
            Released = scratch.ToArray(),
            Undeclared = walk.Undeclared,
            Names = tree.Paths,
            ReleasedLeaves = walk.Released,
            StrippedLeaves = walk.Stripped,
        };
}
