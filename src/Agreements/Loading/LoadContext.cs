using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements.Contracts;
using Agreements.Keys;
using Agreements.Loading.Reference;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>What readers of later files know of earlier ones.</summary>
internal sealed class LoadContext
{
    public required ContractFiles Files { get; init; }

    /// <summary>The civil day, for warnings and key validity.</summary>
    public required DateOnly Today { get; init; }
    public required ReferenceData Reference { get; init; }
    public required FrozenDictionary<string, Operation> Operations { get; init; }
    public required FrozenDictionary<string, FhirType> FhirTypes { get; init; }

    /// <summary>All contracts were read without error: only then a missing operation is the agreement's fault.</summary>
    public required bool ContractsComplete { get; init; }

    /// <summary>Institutions whose files were read without error.</summary>
    public Dictionary<string, Institution> Institutions { get; } = new(StringComparer.Ordinal);

    /// <summary>Institutions that have a file, broken ones included.</summary>
    public HashSet<string> InstitutionFiles { get; } = new(StringComparer.Ordinal);

    /// <summary>Where to report on an institution as a whole.</summary>
    public Dictionary<string, FileReport> Reports { get; } = new(StringComparer.Ordinal);
    public List<ClientEntry> Clients { get; } = [];
}

/// <summary>A client with its keys and its place, for checks over all files.</summary>
internal sealed record ClientEntry(Client Client, ImmutableArray<PublicKey> Keys, Fields Fields);
