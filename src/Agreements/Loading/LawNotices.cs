using System.Globalization;

namespace Agreements.Loading;

/// <summary>
/// What a program says of the watched law, in its log and on its page of readiness. When the files on disk cease to be what is in force,
/// one error; while they are not, a warning for each thing wrong, whenever that changes; when it is over, a line.
/// </summary>
public sealed class LawNotices : IDisposable
{
    // Whoever fills the folder with nonsense does not fill the log.
    private const int MostErrors = 200;

    private readonly RegistryWatcher _law;
    private readonly Action<LawNotice> _say;
    private DateTimeOffset? _behind;

    /// <summary>Says at once what is to be said of the start, then follows.</summary>
    /// <param name="law">The watched law.</param>
    /// <param name="say">Takes one line.</param>
    public LawNotices(RegistryWatcher law, Action<LawNotice> say)
    {
        (_law, _say) = (law, say);
        if (NoOperators(law) is { } note)
            say(new LawNotice(LawWeight.Warning, note));
        law.Changed += OnChanged;
    }

    /// <summary>A note for readiness: since when, and the first thing wrong; null while what stands on disk is in force.</summary>
    public static string? Behind(RegistryWatcher law) =>
        law.Lag is { } lag
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the contracts on disk are not in force since {lag.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}: {lag.Errors} errors, first {lag.First}"
            )
            : null;

    /// <summary>A note for readiness; null when there are operators.</summary>
    public static string? NoOperators(RegistryWatcher law) =>
        law.HasOperators
            ? null
            : "no operators are named: whoever may write the contracts folder makes law alone, institutions and their keys included. Name two: setting Operators, gatewayctl operator new";

    /// <inheritdoc/>
    public void Dispose() => _law.Changed -= OnChanged;

    private void OnChanged(object? sender, RegistryChanged change)
    {
        if (change.Activated)
            _say(new LawNotice(LawWeight.Information, $"Contracts activated: {_law.Current.Digest}"));
        if (_law.Lag is { } lag && _behind is null)
        {
            _behind = lag.Since;
            _say(
                new LawNotice(
                    LawWeight.Error,
                    $"{Behind(_law)} {_law.Current.Digest} stays in force, with whatever suspensions.yaml stops more"
                )
            );
        }
        else if (_law.Lag is null && _behind is { } since)
        {
            _behind = null;
            _say(
                new LawNotice(
                    LawWeight.Information,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The contracts on disk are in force again; they were not since {since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                    )
                )
            );
        }
        foreach (var error in change.Errors.Take(MostErrors))
            _say(new LawNotice(LawWeight.Warning, $"Contracts: {error}"));
        if (change.Errors.Length - MostErrors is > 0 and var more)
            _say(new LawNotice(LawWeight.Warning, $"Contracts: {more} more: gatewayctl agreement check"));
    }
}

/// <summary>One line for the log.</summary>
/// <param name="Weight">How grave.</param>
/// <param name="Text">What.</param>
public sealed record LawNotice(LawWeight Weight, string Text);

/// <summary>How grave a line is.</summary>
public enum LawWeight
{
    /// <summary>Nothing to do.</summary>
    Information,

    /// <summary>Somebody should look.</summary>
    Warning,

    /// <summary>Somebody must look: what stands on disk is not in force.</summary>
    Error,
}
