using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>
/// Several sources for one question (exchanges page, section 1.7). They are asked one after the other, stopping at the first
/// positive, because each question tells that source that the family is known to the agency. The rule that matters: a
/// negative is stated only when every source answered.
/// </summary>
/// <param name="sources">Sources in the order in which they are asked.</param>
/// <param name="rule">What the values of the status mean; null where a match alone settles the question.</param>
public sealed class Combination(ImmutableArray<Source> sources, StatusRule? rule)
{
    private readonly List<SourceAnswer> _answers = new(sources.Length);
    private readonly ImmutableArray<string>.Builder _consulted = ImmutableArray.CreateBuilder<string>(sources.Length);
    private readonly ImmutableArray<string>.Builder _unavailable = ImmutableArray.CreateBuilder<string>();
    private Refusal? _firstFailure;
    private int _done;
    private bool _settled,
        _asked;

    /// <summary>The source to ask next; null when the question is settled or nobody is left to ask.</summary>
    public Source? Next => _settled || _done >= sources.Length ? null : sources[_done];

    /// <summary>Has this source answered?</summary>
    public bool IsAnsweredBy(Source source) => _answers.Exists(answer => answer.Source == source.Code);

    /// <summary>Adds what a source gave: an answer, or the refusal that means that it did not answer.</summary>
    public void Add(Source source, Verdict<SourceAnswer> asked)
    {
        _done++;
        if (!asked.Allows(out var answer, out var refusal))
        {
            _firstFailure ??= refusal;
            _asked |= refusal.Asked;
            _unavailable.Add(source.Code);
            if (!refusal.IsNotAsked)
                _consulted.Add(source.Code);
            return;
        }

        _consulted.Add(source.Code);
        _answers.Add(answer);
        if (answer.MatchStatus == MatchStatus.Unavailable)
            _unavailable.Add(source.Code);
        _settled |= IsPositive(answer);
    }

    /// <summary>
    /// What the sources said together, first line of the table that applies. A question that no source answered is the first
    /// failing source's refusal: 200 always means that somebody answered.
    /// </summary>
    /// <exception cref="InvalidOperationException">No source was asked.</exception>
    public Verdict<CombinedAnswer> Conclude()
    {
        // Whichever failed first, the question reached somebody if it reached one of them.
        if (_answers.Count == 0)
            return (_firstFailure ?? throw new InvalidOperationException("No source was asked.")) with { Asked = _asked };
        if (_answers.Find(IsPositive) is { } positive)
            return Combined(MatchStatus.Matched, positive);
        if (_answers.Find(answer => answer.MatchStatus == MatchStatus.Ambiguous) is { } ambiguous)
            return Combined(MatchStatus.Ambiguous, ambiguous);
        if (_answers.Exists(IsUnsettled))
            return Unsettled();
        if (_unavailable.Count > 0)
            return Combined(MatchStatus.Unavailable, _answers.Find(Answered) ?? _answers[0]);
        return Latest() is { } known
            ? Combined(MatchStatus.Matched, known) with
            {
                IsNegative = IsNegative(known),
            }
            : Combined(MatchStatus.NotFound, _answers[0]) with
            {
                IsNegative = true,
            };
    }

    private CombinedAnswer Unsettled()
    {
        var unsettled = _answers.FindAll(IsUnsettled);
        var until = unsettled.Max(answer => answer.ReliableFrom);
        var known = unsettled.Find(IsKnown) ?? _answers.Find(IsKnown);
        if (known is null)
            return Combined(MatchStatus.NotFound, unsettled[0]) with { ReliableFrom = until };
        return Combined(MatchStatus.Matched, known) with { ReliableFrom = until, Pending = rule?.Pending };
    }

    // The negative of latest since; one without since ranks last, and of equals the source asked first wins.
    private SourceAnswer? Latest()
    {
        SourceAnswer? latest = null;
        foreach (var answer in _answers)
            if (IsKnown(answer) && (latest is null || (answer.Since is { } since && (latest.Since is null || since > latest.Since))))
                latest = answer;
        return latest;
    }

    private CombinedAnswer Combined(string status, SourceAnswer answer) =>
        new()
        {
            MatchStatus = status,
            Answer = answer,
            Answers = [.. _answers],
            Consulted = _consulted.ToImmutable(),
            Unavailable = _unavailable.ToImmutable(),
            FirstFailure = _firstFailure,
        };

    private static bool Answered(SourceAnswer answer) => answer.MatchStatus != MatchStatus.Unavailable;

    private static bool IsKnown(SourceAnswer answer) => answer.MatchStatus == MatchStatus.Matched;

    private bool IsPositive(SourceAnswer answer) =>
        IsKnown(answer) && (rule is null || rule.Positive.Contains(answer.Status!, StringComparer.Ordinal));

    private bool IsNegative(SourceAnswer answer) => rule is not null && rule.Negative.Contains(answer.Status!, StringComparer.Ordinal);

    private bool IsUnsettled(SourceAnswer answer) =>
        IsKnown(answer)
            ? rule?.Pending is not null && (answer.Status == rule.Pending || (answer.ReliableFrom is not null && IsNegative(answer)))
            : answer.MatchStatus == MatchStatus.NotFound && answer.ReliableFrom is not null;
}
