using System.Collections.Immutable;
using System.Globalization;

namespace Agreements.Loading.Remembered;

/// <summary>What <c>suspensions.yaml</c> stops, as approvals and books write it: <c>client anss-batch since 2026-10-01</c>.</summary>
/// <param name="What">Kind and id: <c>institution</c>, <c>client</c>, <c>agreement</c>, or <c>ended</c> with an agreement.</param>
/// <param name="Since">First civil day.</param>
internal readonly record struct StandingStop(string What, DateOnly Since)
{
    private const string Between = " since ",
        Form = "yyyy-MM-dd";

    /// <summary>All of them, in order.</summary>
    public static ImmutableArray<StandingStop> Of(ImmutableArray<Suspension> suspensions, ImmutableArray<Ending> endings) =>
        [
            .. suspensions
                .Select(static one => new StandingStop($"{one.Kind.ToString().ToLowerInvariant()} {one.Id}", one.Since))
                .Concat(endings.Select(static one => new StandingStop($"ended {one.Agreement}", one.On)))
                .OrderBy(static one => one.What, StringComparer.Ordinal),
        ];

    /// <summary>Reads the text; without a day it is one that nothing goes back to.</summary>
    public static StandingStop Read(string text)
    {
        if (text.Split(Between) is not [var what, var since])
            return new(text, DateOnly.MinValue);
        _ = DateOnly.TryParseExact(since, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        return new(what, day);
    }

    /// <summary>Does it still stand? A stop that is put off is lifted until then; one that begins earlier stands.</summary>
    public bool StandsIn(IEnumerable<StandingStop> stops)
    {
        var (what, since) = this;
        return stops.Any(other => other.What == what && other.Since <= since);
    }

    /// <inheritdoc/>
    public override string ToString() => What + Between + Since.ToString(Form, CultureInfo.InvariantCulture);
}
