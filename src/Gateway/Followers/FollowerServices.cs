using AuditIndex;
using Ledger;
using Ledger.Notes;

namespace Gateway.Followers;

/// <summary>The search index and the collectors' feeds, as the configuration names them.</summary>
internal static class FollowerServices
{
    /// <summary>Adds what follows the log.</summary>
    /// <param name="services">Services of the host.</param>
    /// <param name="options">The gateway's configuration.</param>
    /// <param name="key">Key that the log is verified with.</param>
    /// <exception cref="InvalidOperationException">A feed is not described whole, or two bear one name, or nobody gave the log's
    /// key.</exception>
    public static IServiceCollection AddFollowers(this IServiceCollection services, GatewayOptions options, VerifierKey? key)
    {
        if (!options.Index.IsSet && options.Feeds.Count == 0)
            return services;
        foreach (var feed in options.Feeds)
            FeedFollower.Check(feed);
        if (
            options
                .Feeds.Select(static feed => feed.Name)
                .Append("index")
                .CountBy(static name => name, StringComparer.Ordinal)
                .Any(static name => name.Value > 1)
        )
            throw new InvalidOperationException("Two feeds bear one name.");
        var log = new LogSource(
            options.LedgerOrigin,
            options.Ledger,
            TrustPolicy.Of(key ?? throw new InvalidOperationException("Nothing can follow a log without its verifier key."))
        );
        if (options.Index is { IsSet: true } index)
        {
            var place = index.Place;
            services.AddSingleton<IHostedService>(provider => new IndexFollower(
                place,
                log,
                PositionOf("index", provider),
                Time(provider),
                provider.GetRequiredService<ILogger<IndexFollower>>()
            ));
        }

        foreach (var feed in options.Feeds)
            services.AddSingleton<IHostedService>(provider => new FeedFollower(
                feed,
                log,
                PositionOf(feed.Name, provider),
                Time(provider),
                provider.GetRequiredService<ILogger<FeedFollower>>()
            ));
        return services;
    }

    private static FollowerPosition PositionOf(string name, IServiceProvider provider) => new(name, provider.GetRequiredService<ILedger>());

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
