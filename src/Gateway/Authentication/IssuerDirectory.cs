using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Agreements;
using Tokens.Access;
using Tokens.Possession;
using Tokens.Renewal;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Whose tokens count: our own authority and the servers that institutions list in their files, under the same rules (authority page,
/// section 13.1). The validator with its cache lives as long as that list stays the same: a token of an issuer that was taken off the
/// list, or of a client that is mapped no longer, is not found in any cache.
/// </summary>
internal sealed class IssuerDirectory(
    GatewayOptions options,
    GatewayFiles files,
    DpopProofs proofs,
    TimeProvider time,
    ILogger<IssuerDirectory> log
)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Url, string Trust), IssuerKeys> _keys = [];
    private readonly IssuerKeys _own = IssuerKeys.Fetched(new Uri(options.IssuerJwks), Http(files.Issuer, options), time, log);
    private volatile Held? _held;

    /// <summary>A key set of our own authority is at hand.</summary>
    public bool KnowsOwnKeys => _own.IsHeld;

    /// <summary>Issuers whose keys are not renewed, with the reason; null when all are.</summary>
    public string? Note
    {
        get
        {
            IssuerKeys[] failing;
            lock (_gate)
                failing = [.. _keys.Values.Prepend(_own).Where(static keys => keys.Fault is not null)];
            return failing.Length == 0 ? null : string.Join("; ", failing.Select(static keys => $"{keys.Name}: {keys.Fault}"));
        }
    }

    /// <summary>Judges tokens under <paramref name="registry"/>.</summary>
    public AccessTokenValidator For(Registry registry)
    {
        if (_held is { } held && ReferenceEquals(held.Registry, registry))
            return held.Validator;
        lock (_gate)
        {
            if (_held is { } other && ReferenceEquals(other.Registry, registry))
                return other.Validator;
            ImmutableArray<ForeignIssuer> issuers =
            [
                .. registry
                    .Institutions.Values.OrderBy(static one => one.Id, StringComparer.Ordinal)
                    .Select(static one => one.Issuer)
                    .OfType<ForeignIssuer>(),
            ];
            var validator =
                _held is { } before && Same(before.Issuers, issuers)
                    ? before.Validator
                    : new AccessTokenValidator(Trusted(issuers), options.Resource, time, proofs);
            _held = new Held(registry, issuers, validator);
            return validator;
        }
    }

    private static bool Same(ImmutableArray<ForeignIssuer> left, ImmutableArray<ForeignIssuer> right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
            if (!left[i].IsSame(right[i]))
                return false;
        return true;
    }

    private TrustedIssuers Trusted(ImmutableArray<ForeignIssuer> issuers) =>
        new([
            new TrustedIssuer
            {
                Issuer = options.Issuer,
                Keys = _own,
                IsOwn = true,
            },
            .. issuers
                .Where(IsTakenHere)
                .GroupBy(static issuer => issuer.Url, StringComparer.Ordinal)
                .Select(static group => group.ToArray())
                .Select(group => new TrustedIssuer
                {
                    Issuer = group[0].Url,
                    Keys = KeysOf(group[0]),
                    Algorithms = group[0].Algorithms,
                    ClientClaim = group[0].ClientClaim,
                    MaxLifetime = group[0].MaxLifetime,
                    Clients = group.SelectMany(static issuer => issuer.Clients).ToFrozenDictionary(StringComparer.Ordinal),
                }),
        ]);

    // The list is law; where its CA sets lie is this deployment's. What does not fit together is not trusted, and said.
    private bool IsTakenHere(ForeignIssuer issuer)
    {
        if (!issuer.Audiences.Contains(options.Resource, StringComparer.Ordinal))
            return false;
        if (issuer.Url != options.Issuer && options.IssuerAuthorities.ContainsKey(issuer.Trust))
            return true;
        log.LogWarning("Issuer {Issuer} is not trusted: it is our own, or CA set {Trust} is not configured", issuer.Url, issuer.Trust);
        return false;
    }

    // Kept for the life of the process: a reload must not lose a key set while its issuer is silent.
    private IssuerKeys KeysOf(ForeignIssuer issuer)
    {
        var name = (issuer.Url, issuer.Trust);
        if (!_keys.TryGetValue(name, out var keys))
            _keys[name] = keys = IssuerKeys.Discovered(issuer.Url, Http(files.Issuers[issuer.Trust], options), time, log);
        keys.Algorithms = issuer.Algorithms; // may have changed with the law
        return keys;
    }

    private static HttpClient Http(Renewed<X509Certificate2Collection> trust, GatewayOptions options) =>
        new(new RenewedHandler(trust, roots => new OutgoingTls { Trust = roots, ListedNetworks = options.Networks() }.Handler()));

    private sealed record Held(Registry Registry, ImmutableArray<ForeignIssuer> Issuers, AccessTokenValidator Validator);
}
