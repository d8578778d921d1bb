using Ledger;
using Ledger.Local;
using Ledger.Notes;

namespace Gateway.Audit;

/// <summary>Where this gateway's log stands, read from its configuration.</summary>
public static class LedgerPlace
{
    /// <summary>Options of the writer.</summary>
    /// <param name="options">The gateway's configuration.</param>
    /// <param name="policy">Digest of the registry in force, for the <c>start</c> record.</param>
    public static LedgerOptions Options(GatewayOptions options, string policy) =>
        new()
        {
            Directory = options.Ledger,
            Origin = options.LedgerOrigin,
            AnchorFile = options.LedgerAnchor.Length == 0 ? null : options.LedgerAnchor,
            SegmentBytes = options.LedgerSegmentBytes,
            Policy = policy,
            Previous = PreviousOf(options),
        };

    /// <summary>
    /// Lets the authority and the other programs of this node seal in this log; null when the configuration names no socket.
    /// </summary>
    /// <param name="options">The gateway's configuration.</param>
    /// <param name="ledger">The log.</param>
    /// <param name="report">Is told of what goes wrong beside requests.</param>
    public static LedgerSocketServer? Serve(GatewayOptions options, LedgerWriter ledger, LoopReport? report = null)
    {
        if (options.LedgerSocket.Length == 0)
            return null;
        var (peers, own) = (options.LedgerPeers, Posix.UserId);
        return LedgerSocketServer.Listen(
            ledger,
            options.LedgerSocket,
            LocalPeer.Of(peers.Authority ?? own, peers.Console ?? own, peers.Administrator ?? own),
            report
        );
    }

    /// <summary>What the year before ended with, as its own log's key signed it.</summary>
    /// <exception cref="InvalidOperationException">The file is not that, and a chain of years that cannot be shown is not
    /// begun.</exception>
    private static Checkpoint? PreviousOf(GatewayOptions options)
    {
        if (options.LedgerPrevious.Length == 0)
            return null;
        if (!VerifierKey.TryParse(options.LedgerPreviousKey, out var key))
            throw new InvalidOperationException("LedgerPreviousKey is not a verifier key (name+id+base64).");
        if (!TrustPolicy.Of(key).TryOpen(File.ReadAllText(options.LedgerPrevious), out var final, out var reason))
            throw new InvalidOperationException("LedgerPrevious: " + reason);
        return final.Origin == options.LedgerOrigin
            ? throw new InvalidOperationException("LedgerPrevious is a checkpoint of this very log; a new year has an origin of its own.")
            : final;
    }

    /// <summary>The signing keys of the log.</summary>
    public static LogKey Key(GatewayOptions options) => LogKey.Load(options.LedgerKey);
}
