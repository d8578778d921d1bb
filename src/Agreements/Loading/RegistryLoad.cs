using System.Collections.Immutable;

namespace Agreements.Loading;

/// <summary>Outcome of loading a contracts directory: all errors of all files, and the registry when there is no error.</summary>
/// <param name="Registry">The snapshot; null when any error of severity Error was found, so that nothing is half applied.</param>
/// <param name="Errors">Errors and warnings in the order of files and lines.</param>
public sealed record RegistryLoad(Registry? Registry, ImmutableArray<LoadError> Errors)
{
    /// <summary>Tells this set and its approvals from another; empty when it could not be read whole.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>Tells every file but the suspensions from others; empty when the set could not be read whole.</summary>
    internal string Approvable { get; init; } = "";
}
