namespace Sandbox.Institutions.Behaviors;

/// <summary>
/// The behaviors switched on for one stand-in, by operation or for all. Tests set it in process, people over the
/// control page. Reading costs one volatile read while nothing is switched on.
/// </summary>
public sealed class BehaviorSwitch
{
    private const string Every = "*";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Setting> _settings = [];
    private volatile bool _isSet;

    /// <summary>Switches a behavior on, or off with <see cref="BehaviorMode.Normal"/>.</summary>
    /// <param name="mode">Mode.</param>
    /// <param name="operation">Operation id; null for all operations of the stand-in.</param>
    /// <param name="delay">Delay of <see cref="BehaviorMode.Slow"/>; null for the usual one.</param>
    /// <param name="count">Calls that it holds for; null until it is changed.</param>
    public void Set(BehaviorMode mode, string? operation = null, TimeSpan? delay = null, int? count = null)
    {
        lock (_gate)
        {
            if (operation is null)
                _settings.Clear();
            if (mode == BehaviorMode.Normal)
                _settings.Remove(operation ?? Every);
            else
                _settings[operation ?? Every] = new Setting(new Behavior(mode, delay ?? Behavior.UsualDelay), count);
            _isSet = _settings.Count > 0;
        }
    }

    /// <summary>Everything as it should be.</summary>
    public void Clear() => Set(BehaviorMode.Normal);

    /// <summary>The behavior for the call at hand; counts it.</summary>
    public Behavior Take(string operation)
    {
        if (!_isSet)
            return Behavior.Normal;
        lock (_gate)
        {
            var key = _settings.ContainsKey(operation) ? operation : Every;
            if (!_settings.TryGetValue(key, out var setting))
                return Behavior.Normal;
            if (setting.Left is { } left)
            {
                if (left > 1)
                    _settings[key] = setting with { Left = left - 1 };
                else
                    _settings.Remove(key);
                _isSet = _settings.Count > 0;
            }
            return setting.Behavior;
        }
    }

    private sealed record Setting(Behavior Behavior, int? Left);
}
