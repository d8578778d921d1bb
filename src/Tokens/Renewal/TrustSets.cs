using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Tokens.Transport;

namespace Tokens.Renewal;

/// <summary>Named sets of authorities, each in a file of its own and renewed by itself: one that cannot be read holds up no other.
/// Thread-safe.</summary>
public sealed class TrustSets
{
    private readonly FrozenDictionary<string, Renewed<X509Certificate2Collection>> _sets;

    private TrustSets(FrozenDictionary<string, Renewed<X509Certificate2Collection>> sets)
    {
        _sets = sets;
        foreach (var (name, set) in sets)
            set.Changed += (_, _) => Changed?.Invoke(this, new TrustSetChanged(name));
    }

    /// <summary>Told the name of a set that changed.</summary>
    public event EventHandler<TrustSetChanged>? Changed;

    /// <summary>The sets as they are now.</summary>
    public IReadOnlyDictionary<string, X509Certificate2Collection> Current =>
        _sets.ToDictionary(static set => set.Key, static set => set.Value.Current, StringComparer.Ordinal);

    /// <summary>One set as it is now; null when there is none of that name.</summary>
    public X509Certificate2Collection? Of(string name) => _sets.GetValueOrDefault(name)?.Current;

    /// <summary>Sets in files.</summary>
    /// <param name="watch">Watches them.</param>
    /// <param name="setting">Name of the setting that names the files.</param>
    /// <param name="files">Name of the set → PEM file.</param>
    /// <exception cref="InvalidDataException">A file holds no certificate.</exception>
    public static TrustSets Of(WatchedFiles watch, string setting, IReadOnlyDictionary<string, string> files) =>
        new(
            files.ToFrozenDictionary(
                static set => set.Key,
                set => watch.Hold($"{setting}:{set.Key}", [set.Value], () => CertificateFiles.Roots(set.Value)),
                StringComparer.Ordinal
            )
        );

    /// <summary>Sets that stay as they are.</summary>
    public static TrustSets Fixed(IReadOnlyDictionary<string, X509Certificate2Collection> sets) =>
        new(
            sets.ToFrozenDictionary(
                static set => set.Key,
                static set => new Renewed<X509Certificate2Collection>(set.Value),
                StringComparer.Ordinal
            )
        );
}

/// <summary>A set of authorities changed.</summary>
/// <param name="name">Its name.</param>
public sealed class TrustSetChanged(string name) : EventArgs
{
    /// <summary>Name of the set.</summary>
    public string Name { get; } = name;
}
