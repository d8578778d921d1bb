using System.Runtime.CompilerServices;
using Agreements;
using Agreements.Contracts;
using Gateway.Authorization;
using Gateway.Minimization;

namespace Gateway;

/// <summary>
/// Release lists and contracts compiled once for each registry snapshot. A plan belongs to the snapshot that it was compiled from and goes
/// with it: what another snapshot says under the same name has a plan of its own.
/// </summary>
internal sealed class ReleasePlans
{
    private readonly ConditionalWeakTable<Registry, Compiled> _snapshots = [];

    /// <summary>The plan of a granted operation.</summary>
    public IMinimizer Of(Operation operation, GrantedOperation granted, Registry registry) =>
        _snapshots.GetValue(registry, static snapshot => new Compiled(snapshot)).PlanOf(operation, granted);

    /// <summary>Status rule of the operation; of a batch, that of the operation it repeats.</summary>
    public static StatusRule? StatusOf(Entitlement entitlement) => Single(entitlement.Operation, entitlement.Registry).Status;

    private static Operation Single(Operation operation, Registry registry) =>
        operation.BatchOf is { } id ? registry.Operations[id] : operation;

    private sealed class Compiled(Registry registry)
    {
        private readonly ConditionalWeakTable<Operation, AnswerTree> _trees = [];
        private readonly ConditionalWeakTable<GrantedOperation, IMinimizer> _plans = [];

        public IMinimizer PlanOf(Operation operation, GrantedOperation granted) =>
            _plans.TryGetValue(granted, out var plan) ? plan : _plans.GetValue(granted, _ => Compile(operation, granted));

        private IMinimizer Compile(Operation operation, GrantedOperation granted)
        {
            var single = Single(operation, registry);
            if (single.Protocol == OperationProtocol.Fhir)
                return FhirMinimizer.Compile(registry.FhirTypes[single.FhirType!], granted);
            return JsonMinimizer.Compile(_trees.GetValue(single, static contract => new AnswerTree(contract)), granted.Release);
        }
    }
}
