using System.Diagnostics;

namespace Tokens.Transport;

/// <summary>
/// Takes no trace, state or baggage from whoever calls, and hands none on: they choose those texts, which would stand in every line of the
/// log, and a
/// person's number could be in them. What a program traces it numbers itself.
/// </summary>
public sealed class NoForeignTrace : DistributedContextPropagator
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields => [];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) { }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(
        object? carrier,
        PropagatorGetterCallback? getter,
        out string? traceId,
        out string? traceState
    ) => (traceId, traceState) = (null, null);

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
