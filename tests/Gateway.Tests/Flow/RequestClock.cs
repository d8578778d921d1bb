using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Flow;

/// <summary>
/// A clock that the steps of one request read as all others do, and that does something at the n-th reading: what happens between two steps
/// can be put between any two of them. Readings of other threads do not count.
/// </summary>
internal sealed class RequestClock : TimeProvider, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly AsyncLocal<bool> _isRequest = new();
    private readonly List<IDisposable> _subscriptions = [];
    private Action? _then;
    private int _left,
        _read;

    public RequestClock() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <summary>Requests that come in here are watched.</summary>
    public int Port { get; set; } = -1;

    /// <summary>Readings of the request that came after the last <see cref="At"/>.</summary>
    public int Read => Volatile.Read(ref _read);

    /// <summary>
    /// At the <paramref name="nth"/> reading of the next request, counted from one, this is done, before the reading is given.
    /// </summary>
    public void At(int nth, Action then) => (_then, _left, _read) = (then, nth, 0);

    public override DateTimeOffset GetUtcNow()
    {
        Tick();
        return System.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        Tick();
        return System.GetTimestamp();
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.AspNetCore")
            _subscriptions.Add(value.Subscribe(this));
    }

    // Raised in the flow of the request, before its first middleware: what is set here stays with it.
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key.EndsWith("HttpRequestIn.Start", StringComparison.Ordinal) && value.Value is HttpContext http)
            _isRequest.Value = http.Connection.LocalPort == Port;
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    public void Dispose() => _subscriptions.ForEach(static one => one.Dispose());

    private void Tick()
    {
        if (!_isRequest.Value)
            return;
        Interlocked.Increment(ref _read);
        if (Interlocked.Decrement(ref _left) == 0)
            _then!();
    }
}
