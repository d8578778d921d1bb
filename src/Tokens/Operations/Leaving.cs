using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tokens.Operations;

/// <summary>
/// The end of a program, in the order in which a balancer can follow it: readiness turns red, calls are served on for a while, so that
/// the balancer sees it
/// and sends them elsewhere; then the listeners close, and calls under way are finished.
/// </summary>
/// <param name="grace">Time between red readiness and closed listeners; zero where nobody balances.</param>
/// <param name="lifetime">Tells of the signal.</param>
/// <param name="log">Is told of each step.</param>
public sealed class Leaving(TimeSpan grace, IHostApplicationLifetime lifetime, ILogger<Leaving> log) : IHostedLifecycleService, IDisposable
{
    /// <summary>Usual time: two looks of a balancer, and a little.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);

    /// <summary>Longest time; supervisors kill sooner or later.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private CancellationTokenRegistration _signal;
    private volatile bool _isStopping;

    /// <summary>The program was asked to stop: no new call should come.</summary>
    public bool IsStopping => _isStopping;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _signal = lifetime.ApplicationStopping.Register(() => _isStopping = true);
        return Task.CompletedTask;
    }

    /// <summary>Comes before any listener is closed.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        log.LogInformation(
            "Stopping: not ready from now on; listeners close in {Seconds} s, and calls under way are finished",
            grace.TotalSeconds
        );
        // By the machine's clock, whatever clock the program has: nobody stops by a clock of a test.
        if (grace > TimeSpan.Zero)
            await Task.Delay(grace, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        log.LogInformation("Stopped: every call under way has been answered, or its time was over");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}

/// <summary>Puts <see cref="Leaving"/> into a program.</summary>
public static class LeavingServices
{
    /// <summary>Adds it, and gives calls under way their time beside it.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="grace">Time between red readiness and closed listeners.</param>
    /// <param name="drain">Longest time for calls under way.</param>
    public static IServiceCollection AddLeaving(this IServiceCollection services, TimeSpan grace, TimeSpan drain) =>
        services
            .Configure<HostOptions>(host => host.ShutdownTimeout = grace + drain)
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<Leaving>(provider, grace))
            .AddHostedService(static provider => provider.GetRequiredService<Leaving>());
}
