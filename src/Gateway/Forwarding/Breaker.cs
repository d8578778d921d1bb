using Polly;
using Polly.CircuitBreaker;

namespace Gateway.Forwarding;

/// <summary>
/// Circuit breaker of one provider: opens when at least ten calls in ten seconds went wrong by half, lets one probe through
/// after five seconds (hardening page, section 6). Polly holds the state; a refused call costs no exception here.
/// </summary>
internal sealed class Breaker
{
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<bool> _pipeline;

    /// <summary>A closed circuit.</summary>
    public Breaker(TimeProvider time) =>
        _pipeline = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
                ShouldHandle = static outcome => ValueTask.FromResult(!outcome.Outcome.Result),
                StateProvider = _state,
            })
            .Build();

    /// <summary>closed, open, half-open or isolated, for the metrics.</summary>
    public string State => _state.CircuitState.ToString();

    /// <summary>Runs <paramref name="call"/>, which says whether the provider was healthy; false when the circuit is open.</summary>
    public async ValueTask<bool> TryAsync(Func<ValueTask<bool>> call)
    {
        try
        {
            await _pipeline.ExecuteAsync(static (run, _) => run(), call);
            return true;
        }
        catch (BrokenCircuitException)
        {
            return false;
        }
    }
}
