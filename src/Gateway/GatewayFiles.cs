using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Authorization;
using Ledger;
using Tokens.Renewal;
using Tokens.Transport;

namespace Gateway;

/// <summary>
/// Every certificate, set of authorities and secret that the configuration names, read at the start and again when it changes on disk.
/// What is not here
/// stays as it was read: the log's key, which begins a new log, and the keys of pseudonyms, which the gateway makes itself.
/// </summary>
internal sealed class GatewayFiles
{
    /// <summary>Reads all of them.</summary>
    /// <exception cref="InvalidDataException">A file is missing or does not hold what it should; names it.</exception>
    public GatewayFiles(GatewayOptions options, WatchedFiles watch, TimeProvider time)
    {
        Server = Own(watch, nameof(options.ServerCertificate), options.ServerCertificate, options.ServerKey, time);
        Client = Own(watch, nameof(options.ClientCertificate), options.ClientCertificate, options.ClientKey, time);
        Clients = TrustSets.Of(watch, nameof(options.ClientAuthorities), options.ClientAuthorities);
        Providers = TrustSets.Of(watch, nameof(options.ProviderAuthorities), options.ProviderAuthorities);
        Issuer = watch.Hold(nameof(options.IssuerTrust), [options.IssuerTrust], () => CertificateFiles.Roots(options.IssuerTrust));
        Issuers = options.IssuerAuthorities.ToFrozenDictionary(
            static set => set.Key,
            set => watch.Hold($"{nameof(options.IssuerAuthorities)}:{set.Key}", [set.Value], () => CertificateFiles.Roots(set.Value)),
            StringComparer.Ordinal
        );
        AssertionKey = watch.Hold(nameof(options.AssertionKey), [options.AssertionKey], () => Signing(options.AssertionKey));
        Sectors = SectorKeys.Load(options.Keys, options.Development, watch);
        var nonce = Path.Combine(options.Keys, "dpop-nonce.key");
        options.Status.Watch(watch, nameof(options.Status), SecretFile.ReadText);
        options.Replay.Watch(watch, nameof(options.Replay), SecretFile.ReadText);
        options.Quotas.Watch(watch, nameof(options.Quotas), SecretFile.ReadText);
        options.DossierStore.Watch(watch, nameof(options.DossierStore), SecretFile.ReadText);
        options.Index.Watch(watch, nameof(options.Index));
        NonceSecret = watch.Hold($"{nameof(options.Keys)}:dpop-nonce.key", [nonce], () => KeyFile.Read(nonce));
    }

    /// <summary>What the listeners show.</summary>
    public Renewed<OwnCertificate> Server { get; }

    /// <summary>What providers are shown.</summary>
    public Renewed<OwnCertificate> Client { get; }

    /// <summary>CA sets of partners' systems.</summary>
    public TrustSets Clients { get; }

    /// <summary>CA sets of providers.</summary>
    public TrustSets Providers { get; }

    /// <summary>CA set of our own authority's server.</summary>
    public Renewed<X509Certificate2Collection> Issuer { get; }

    /// <summary>CA sets of other issuers' servers.</summary>
    public FrozenDictionary<string, Renewed<X509Certificate2Collection>> Issuers { get; }

    /// <summary>Signs the word to providers.</summary>
    public Renewed<ECDsa> AssertionKey { get; }

    /// <summary>Keys of the sectors.</summary>
    public SectorKeys Sectors { get; }

    /// <summary>Secret of the nonces.</summary>
    public Renewed<byte[]> NonceSecret { get; }

    private static Renewed<OwnCertificate> Own(WatchedFiles watch, string setting, string certificate, string key, TimeProvider time) =>
        watch.Hold(
            setting,
            [certificate, key],
            () => CertificateFiles.Own(certificate, key, SecretFile.ReadText),
            next => next.WhyNot(time.GetUtcNow())
        );

    private static ECDsa Signing(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(SecretFile.ReadText(file));
            return key.KeySize == 256 ? key : throw new InvalidDataException($"{file} holds no key for ES256");
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException or InvalidDataException)
        {
            key.Dispose();
            throw fault as InvalidDataException ?? new InvalidDataException($"{file} cannot be read as a private key", fault);
        }
    }
}
