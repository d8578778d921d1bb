namespace Tokens.Renewal;

/// <summary>A value that is read from files and made anew when they change (<see cref="WatchedFiles"/>). Thread-safe; the value itself is
/// immutable.</summary>
/// <param name="value">The first value.</param>
public sealed class Renewed<T>(T value)
    where T : class
{
    private volatile T _current = value;

    /// <summary>The value in force: one volatile read.</summary>
    public T Current => _current;

    /// <summary>Told after each change, on the thread that looks at the files. Must not throw.</summary>
    public event EventHandler? Changed;

    internal void Take(T value)
    {
        _current = value;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
