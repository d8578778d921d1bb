using System.Collections.Frozen;
using Agreements;

namespace Authority;

/// <summary>
/// The clients of one registry version. A new version brings a new directory with new key objects, so a removed key is refused by the
/// next request (OA-30) and its cached verifier dies with the old directory.
/// </summary>
public sealed class ClientDirectory
{
    private readonly FrozenDictionary<string, RegisteredClient> _clients;

    /// <summary>Parses every client of a registry.</summary>
    public ClientDirectory(Registry registry)
    {
        Registry = registry;
        _clients = registry.Clients.ToFrozenDictionary(
            static entry => entry.Key,
            static entry => new RegisteredClient(entry.Value),
            StringComparer.Ordinal
        );
        MostKeys = _clients.Values.Select(static client => client.KeyCount).DefaultIfEmpty().Max();
        SelfSigned = registry
            .Clients.Values.Where(static client => client.Authentication == ClientAuthentication.SelfSignedTlsClientAuth)
            .SelectMany(static client => client.Certificates)
            .Select(static rule => rule.X5tS256)
            .OfType<string>()
            .ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The registry version behind it.</summary>
    public Registry Registry { get; }

    /// <summary>Registered self-signed certificates, for the TLS listener.</summary>
    public FrozenSet<string> SelfSigned { get; }

    /// <summary>Keys of the client that has most: a forged assertion costs as much whomever it names.</summary>
    public int MostKeys { get; }

    /// <summary>The client with this id; null when there is none.</summary>
    public RegisteredClient? Find(string clientId) => _clients.GetValueOrDefault(clientId);
}

/// <summary>The directory of the registry in force: parsed at the first question about a version, and then shared.</summary>
/// <param name="current">The registry in force.</param>
public sealed class CurrentClients(Func<Registry> current)
{
    private readonly Lock _gate = new();
    private volatile ClientDirectory? _directory;

    /// <summary>The directory now. A request takes it once and keeps it.</summary>
    public ClientDirectory Now
    {
        get
        {
            var registry = current();
            if (_directory is { } held && ReferenceEquals(held.Registry, registry))
                return held;
            lock (_gate)
            {
                if (_directory is { } other && ReferenceEquals(other.Registry, registry))
                    return other;
                return _directory = new ClientDirectory(registry);
            }
        }
    }
}
