using AuditIndex;

namespace Gateway.Followers;

/// <summary>Fills the search index, at most half a second behind publication.</summary>
internal sealed class IndexFollower(
    IndexPlace place,
    LogSource log,
    FollowerPosition position,
    TimeProvider time,
    ILogger<IndexFollower> logger
) : Follower("index", position, time, logger)
{
    private readonly TimeProvider _time = time;

    /// <inheritdoc/>
    protected override async Task FollowAsync(CancellationToken stop)
    {
        using var filler = place.Fill([log], (_, applied, _) => Position.Applied = applied);
        Position.Applied = filler.Positions().GetValueOrDefault(log.Origin);
        await filler.Follow(_time, stop);
    }
}
