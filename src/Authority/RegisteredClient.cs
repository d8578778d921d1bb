using System.Collections.Immutable;
using System.Net;
using Agreements;
using Tokens.ClientProof;
using Tokens.Jose;

namespace Authority;

/// <summary>A client of one registry version, with its keys and certificate rules parsed once.</summary>
public sealed class RegisteredClient
{
    private readonly KeySet _keys;
    private readonly ImmutableArray<IPNetwork> _networks;
    private volatile UsableKeys? _usable;

    internal RegisteredClient(Client client)
    {
        Client = client;
        _keys = client.Jwks is null ? KeySet.Empty : KeySet.Parse(client.Jwks);
        Patterns = [.. client.Certificates.Select(PatternOf)];
        _networks = [.. client.SourceNetworks.Select(IPNetwork.Parse)];
    }

    /// <summary>Registration.</summary>
    public Client Client { get; }

    /// <summary>Its certificate rules.</summary>
    public ImmutableArray<CertificatePattern> Patterns { get; }

    /// <summary>Its registered keys, whatever the day.</summary>
    internal int KeyCount => _keys.Keys.Length;

    /// <summary>What it was granted under this registry version.</summary>
    internal ResolvedGrants Grants { get; } = new();

    /// <summary>Its public keys that count on a civil day; empty for certificate authentication.</summary>
    public KeySet KeysOn(DateOnly today)
    {
        if (Client.KeyValidities.IsDefaultOrEmpty)
            return _keys;
        if (_usable is { } held && held.Day == today)
            return held.Keys;
        var keys = _keys.Only(kid =>
            Client.KeyValidities.All(validity => validity.KeyId != kid || (validity.From <= today && today <= validity.Until))
        );
        _usable = new(today, keys);
        return keys;
    }

    /// <summary>May it call from this address? Always, unless its registration names networks.</summary>
    public bool MayCallFrom(IPAddress? address)
    {
        if (_networks.IsEmpty)
            return true;
        if (address is null)
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in _networks)
            if (network.Contains(address))
                return true;
        return false;
    }

    /// <summary>When the key behind an assertion stops counting; the earliest end of all when the assertion named none.</summary>
    public DateTimeOffset? EndOfKey(string? keyId)
    {
        DateTimeOffset? end = null;
        foreach (var validity in Client.KeyValidities)
            if ((keyId is null || validity.KeyId == keyId) && CivilTime.EndOf(validity.Until) is var until && (end is null || until < end))
                end = until;
        return end;
    }

    private static CertificatePattern PatternOf(CertificateRule rule) =>
        rule switch
        {
            { SpkiSha256: { } hash } => new(CertificatePatternKind.SpkiSha256, hash, Authority: null),
            { X5tS256: { } hash } => new(CertificatePatternKind.X5tS256, hash, Authority: null),
            { SanUri: { } name } => new(CertificatePatternKind.SanUri, name, rule.Authority),
            { SanDns: { } name } => new(CertificatePatternKind.SanDns, name, rule.Authority),
            { SanIp: { } name } => new(CertificatePatternKind.SanIp, name, rule.Authority),
            { SanEmail: { } name } => new(CertificatePatternKind.SanEmail, name, rule.Authority),
            { SubjectDn: { } name } => new(CertificatePatternKind.SubjectDn, name, rule.Authority),
            _ => throw new InvalidOperationException("a certificate rule without a name; the loader refuses those"),
        };

    private sealed record UsableKeys(DateOnly Day, KeySet Keys);
}
