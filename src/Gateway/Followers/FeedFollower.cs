using AuditIndex;
using AuditIndex.Feeds;

namespace Gateway.Followers;

/// <summary>Serves one collector. One that is away is tried again, first after a second, at last every half minute.</summary>
internal sealed class FeedFollower(
    FeedSettings feed,
    LogSource log,
    FollowerPosition position,
    TimeProvider time,
    ILogger<FeedFollower> logger
) : Follower(feed.Name, position, time, logger)
{
    private readonly TimeProvider _time = time;

    /// <summary>Throws unless the settings say all that their kind needs.</summary>
    /// <exception cref="InvalidOperationException">They do not; the message names what is missing.</exception>
    public static void Check(FeedSettings feed)
    {
        var missing = feed switch
        {
            { Name.Length: 0 } => "a Name",
            { Cursor.Length: 0 } => "a Cursor",
            { Kind: FeedSettings.OcsfFile } => feed.File is { Length: > 0 } ? null : "a File",
            { Kind: FeedSettings.SyslogTls } => feed is { Host.Length: > 0, Trust.Length: > 0, Certificate.Length: > 0, Key.Length: > 0 }
                ? null
                : "Host, Trust, Certificate and Key",
            _ => $"a Kind, {FeedSettings.OcsfFile} or {FeedSettings.SyslogTls}",
        };
        if (missing is not null)
            throw new InvalidOperationException($"Feed '{feed.Name}' needs {missing}.");
    }

    /// <inheritdoc/>
    protected override Task FollowAsync(CancellationToken stop)
    {
        var cursor = new CursorFile(feed.Cursor);
        Position.Applied = cursor.Read().GetValueOrDefault(log.Origin);
        return new LogFeed([log], cursor, Target(), _time) { Progress = (_, served, _) => Position.Applied = served, Failed = Failed }.Run(
            stop
        );
    }

    private IFeedTarget Target() =>
        feed.Kind == FeedSettings.OcsfFile
            ? new JsonLinesFile(feed.File!)
            : new SyslogTls(
                new SyslogSettings
                {
                    Host = feed.Host!,
                    Port = feed.Port,
                    ServerName = feed.ServerName,
                    Trust = feed.Trust!,
                    Certificate = feed.Certificate!,
                    Key = feed.Key!,
                    Node = feed.Node,
                    EnterpriseNumber = feed.EnterpriseNumber,
                }
            );
}
