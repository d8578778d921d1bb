using Ledger;

namespace Gateway.Followers;

/// <summary>
/// Reads the published log beside the gateway, never on the path of a request: what fails here is shown, tried again, and delays nobody.
/// <i>A crash at any point: the next start goes on where the index or the cursor stands.</i>
/// </summary>
internal abstract class Follower(string name, FollowerPosition position, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1),
        Longest = TimeSpan.FromSeconds(30);

    /// <summary>Where it stands.</summary>
    protected FollowerPosition Position => position;

    /// <summary>Follows until stopped; whatever it throws is tried again.</summary>
    protected abstract Task FollowAsync(CancellationToken stop);

    /// <summary>A collector or a store did not take what it was given.</summary>
    /// <param name="kind">Kind of failure, never content.</param>
    protected void Failed(string kind)
    {
        position.Failed();
        logger.LogWarning("{Follower} is behind: {Kind}", name, kind);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Run(() => RunAsync(stoppingToken), CancellationToken.None);

    /// <inheritdoc/>
    public override void Dispose()
    {
        position.Dispose();
        base.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        for (var pause = Shortest; !stop.IsCancellationRequested; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            try
            {
                await FollowAsync(stop);
            }
            catch (LedgerDamaged damage)
            {
                // The log does not agree with itself, or is another one: nothing is handed on until a person has looked.
                position.Failed();
                logger.LogError("{Follower} stops at a log that does not hold: {Damage}", name, damage.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                Failed(e.GetType().Name);
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
