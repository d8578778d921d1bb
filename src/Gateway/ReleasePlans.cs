using System.Runtime.CompilerServices;
using Agreements;
using Agreements.Contracts;
using Gateway.Authorization;
using Gateway.Minimization;

namespace Gateway;

/// <summary>Release lists compiled once for each agreement version, and contracts compiled once for each registry.</summary>
internal sealed class ReleasePlans
{
    private readonly ConditionalWeakTable<Operation, AnswerTree> _trees = [];
    private readonly ConditionalWeakTable<GrantedOperation, IMinimizer> _plans = [];

    /// <summary>The plan of a granted operation.</summary>
    public IMinimizer Of(Operation operation, GrantedOperation granted, Registry registry) => _plans.GetValue(granted, _ => Compile(operation, granted, registry));

    /// <summary>Status rule of the operation; of a batch, that of the operation it repeats.</summary>
    public StatusRule? StatusOf(Entitlement entitlement) => Single(entitlement.Operation, entitlement.Registry).Status;

    private IMinimizer Compile(Operation operation, GrantedOperation granted, Registry registry)
    {
        var single = Single(operation, registry);
        if (single.Protocol == OperationProtocol.Fhir) return FhirMinimizer.Compile(registry.FhirTypes[single.FhirType!], granted);
        return JsonMinimizer.Compile(_trees.GetValue(single, static contract => new AnswerTree(contract)), granted.Release);
    }

    private static Operation Single(Operation operation, Registry registry) =>
        operation.BatchOf is { } id ? registry.Operations[id] : operation;
}
