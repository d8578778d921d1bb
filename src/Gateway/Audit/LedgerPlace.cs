using Ledger;

namespace Gateway.Audit;

/// <summary>Where this gateway's log stands, read from its configuration.</summary>
public static class LedgerPlace
{
    /// <summary>Options of the writer.</summary>
    /// <param name="options">The gateway's configuration.</param>
    /// <param name="policy">Digest of the registry in force, for the <c>start</c> record.</param>
    public static LedgerOptions Options(GatewayOptions options, string policy) => new()
    {
        Directory = options.Ledger,
        Origin = options.LedgerOrigin,
        AnchorFile = options.LedgerAnchor.Length == 0 ? null : options.LedgerAnchor,
        SegmentBytes = options.LedgerSegmentBytes,
        Policy = policy,
    };

    /// <summary>The signing keys of the log.</summary>
    public static LogKey Key(GatewayOptions options) => LogKey.Load(options.LedgerKey);
}
