using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tokens.Renewal;

/// <summary>
/// Certificates, sets of authorities and secrets on disk, read again when they change: whoever renews them restarts nothing. What changed
/// is known by the
/// content, so a replaced file, a replaced link and a replaced folder behind a link are alike. New content counts when it was the same at
/// two looks, for a
/// certificate and its key are two files; content that cannot be used changes nothing and is said once. Thread-safe.
/// </summary>
public sealed class WatchedFiles : IHostedService, IDisposable
{
    /// <summary>Time between looks.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Tokens.Files";
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _read;
    private readonly Lock _gate = new();
    private readonly List<WatchedFile> _files = [];
    private readonly CancellationTokenSource _closing = new();
    private Task _looking = Task.CompletedTask;
    private int _isDisposed;

    /// <summary>Watches nothing yet.</summary>
    public WatchedFiles()
    {
        _read = _meter.CreateCounter<long>(
            "files.reread",
            "{change}",
            "Changes of certificates, authorities and secrets on disk that were taken, by setting"
        );
        _meter.CreateObservableGauge(
            "files.refused",
            () =>
                All()
                    .Select(static file => new Measurement<int>(
                        file.Fault is null ? 0 : 1,
                        new KeyValuePair<string, object?>("setting", file.Name)
                    )),
            description: "1 while a setting's files hold something that cannot be used; what was in force before stays"
        );
    }

    /// <summary>Where changes are logged; set once the program has a log.</summary>
    public ILogger? Log { get; set; }

    /// <summary>The settings whose files cannot be used now, with the reason, for readiness; null when there is none.</summary>
    public string? Note =>
        All().Where(static file => file.Fault is not null).Select(static file => $"{file.Name}: {file.Fault}").ToArray()
            is { Length: > 0 } notes
            ? "not taken, what was in force stays: " + string.Join("; ", notes)
            : null;

    /// <summary>Reads a value, and reads it again whenever one of its files changes.</summary>
    /// <param name="setting">Name of the setting, for people.</param>
    /// <param name="files">The files it is read from.</param>
    /// <param name="read">Reads it; throws when that cannot be done. The message names files and no content.</param>
    /// <param name="isFit">Why a new value may not take the place of the old one; null, or a null text, when it may.</param>
    public Renewed<T> Hold<T>(string setting, IReadOnlyList<string> files, Func<T> read, Func<T, string?>? isFit = null)
        where T : class
    {
        var file = new WatchedFile(setting, files); // its first look comes before the reading: what changes meanwhile is seen
        var value = new Renewed<T>(read());
        file.Take = () =>
        {
            var next = read();
            if (isFit?.Invoke(next) is { } words)
                throw new InvalidDataException(words);
            value.Take(next);
        };
        lock (_gate)
            _files.Add(file);
        return value;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _looking = Task.Run(LookAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isDisposed) == 0)
            await _closing.CancelAsync();
        await _looking;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A container that knows it under two names ends it twice.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        _meter.Dispose();
    }

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        foreach (var file in All())
        {
            var before = file.Fault;
            if (!file.Look())
                continue;
            if (file.Fault is null)
            {
                _read.Add(1, new KeyValuePair<string, object?>("setting", file.Name));
                Log?.LogInformation("{Setting} was read again: what its files hold now is in force", file.Name);
            }
            else if (file.Fault != before)
            {
                Log?.LogError("{Setting} changed on disk and is not taken: {Words}. What was in force stays", file.Name, file.Fault);
            }
        }
    }

    private WatchedFile[] All()
    {
        lock (_gate)
            return [.. _files];
    }

    // By the machine's clock: files change by it, whatever clock the program has.
    private async Task LookAsync()
    {
        var stop = _closing.Token;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
                Look();
        }
    }
}
