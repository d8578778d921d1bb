using System.Collections.Concurrent;
using Agreements;
using Gateway.Authorization;

namespace Gateway.Hiding;

/// <summary>
/// What sources did of late, under each grant, operation and source that hides persons: under others nobody has to look unknown.
/// </summary>
internal sealed class SourcePasts(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Agreement, string Grant, string Operation, string Source), SourcePast> _pasts = new();

    /// <summary>The past of a source; null where nobody is hidden.</summary>
    public SourcePast? Of(Entitlement entitlement, Source source) =>
        !entitlement.HidesPersons
            ? null
            : _pasts.GetOrAdd(
                (entitlement.Agreement.Id, entitlement.Grant.Id, entitlement.Operation.Id, source.Code),
                static (_, clock) => new SourcePast(clock),
                time
            );
}
