using Ledger;
using Ledger.Notes;
using Ledger.Witnesses;
using Tokens.Transport;

namespace Gateway.Audit;

/// <summary>
/// The witnesses of this gateway's log (ledger page, section 12): asked before the log is opened, so that a restored backup does not sign,
/// then every ten seconds while it runs. Never on the path of a request.
/// </summary>
public sealed class LedgerWitnesses : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A round comes every ten seconds, when common servers have closed the connection of the one before.
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { ConnectCallback = AddressRace.Connect, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3) }
    )
    {
        Timeout = Patience,
    };
    private readonly TrustPolicy? _policy;
    private readonly bool _required;
    private WitnessRounds? _rounds;

    /// <summary>Reads the policy file that the options name.</summary>
    /// <exception cref="InvalidOperationException">A witness is required at start and no policy names one.</exception>
    /// <exception cref="FormatException">The policy is not understood.</exception>
    public LedgerWitnesses(GatewayOptions options)
    {
        _required = options.LedgerRequireWitnessAtStart;
        if (options.LedgerPolicy.Length > 0)
            _policy = TrustPolicy.Parse(PolicyText = File.ReadAllText(options.LedgerPolicy));
        if (_required && _policy?.Witnesses.Any(static witness => witness.Url is not null) != true)
            throw new InvalidOperationException(
                "LedgerPolicy names no witness with an address; set LedgerRequireWitnessAtStart to false to run without any."
            );
    }

    /// <summary>The policy file's text, as partners are given it; null when there is none.</summary>
    public string? PolicyText { get; }

    /// <summary>Whether cosignatures are collected at all.</summary>
    public bool Any => _policy?.Witnesses.Count > 0;

    /// <summary>A witness holds another history of this log: the writer was stopped, and readiness is red.</summary>
    public bool Contradicts => _rounds?.Contradiction is not null;

    /// <summary>Asks the witnesses for what they hold; the log, when it is opened, must continue it.</summary>
    /// <exception cref="LedgerUnavailable">One is required, and none answers.</exception>
    public Task AskAsync(LedgerOptions place, VerifierKey key) =>
        _policy is null ? Task.CompletedTask : WitnessStart.AskAsync(place, key, _policy, _http, _required);

    /// <summary>Begins the rounds.</summary>
    public void Start(LedgerWriter writer, LedgerOptions place, TimeProvider time, WitnessPace? pace = null, LoopReport? report = null)
    {
        if (!Any)
            return;
        _rounds = new WitnessRounds(writer, place.Directory, _policy!, _http, time, pace, report);
        _rounds.Start();
    }

    /// <summary>One round now, for whoever cannot wait ten seconds. False without witnesses, or without a quorum.</summary>
    public Task<bool> RoundAsync() => _rounds?.RoundAsync() ?? Task.FromResult(false);

    /// <summary>Ends the rounds; the writer is disposed of after this.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_rounds is not null)
            await _rounds.DisposeAsync();
        _http.Dispose();
    }
}
