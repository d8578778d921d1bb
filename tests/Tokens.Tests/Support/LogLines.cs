using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tokens.Tests.Support;

/// <summary>What the server writes to its log.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _bad = new();

    /// <summary>Lines from Warning on.</summary>
    public IReadOnlyCollection<string> Bad => _bad;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (logLevel >= LogLevel.Warning)
            _bad.Enqueue($"{logLevel} {formatter(state, exception)} {exception?.GetType().Name}");
    }

    public void Dispose() { }
}
