using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tokens.Renewal;

namespace Tokens.Revocation;

/// <summary>One client authority with the sources of its lists, and what was last said about it.</summary>
internal sealed class WatchedAuthority : IDisposable
{
    private static readonly Meter Meter = new("Tokens.Revocation");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "revocation.lists.refused",
        "{list}",
        "revocation lists that were not taken, by authority and reason"
    );
    private readonly RevocationFailure _fail;
    private volatile IssuerCertificate[] _roots;
    private readonly ImmutableArray<RevocationAddress> _addresses;
    private readonly RevocationBook? _book;
    private bool? _saidComplete;

    static WatchedAuthority()
    {
        Meter.CreateObservableGauge(
            "revocation.complete",
            static () => Measure(static (one, now) => one.CompleteUntil() > now ? 1 : 0),
            description: "1 while every known issuer of a client authority has a revocation list in date"
        );
        Meter.CreateObservableGauge(
            "revocation.seconds.left",
            static () => Measure(static (one, now) => Math.Max(-1e9, (one.CompleteUntil() - now).TotalSeconds)),
            "s",
            "Time until the first revocation list of a client authority ends; below zero since it has"
        );
        Meter.CreateObservableGauge(
            "revocation.entries",
            static () => Measure(static (one, _) => one.Lists.Sum(static list => list.Serials.Count)),
            "{certificate}",
            "Certificates on the revocation lists of a client authority"
        );
    }

    internal WatchedAuthority(
        string name,
        RevocationSettings settings,
        ImmutableArray<IssuerCertificate> roots,
        TimeProvider time,
        RevocationBook? book,
        Renewed<X509Certificate2Collection>? trust
    )
    {
        (Name, _fail, _roots, _book) = (name, settings.Fail!.Value, [.. roots], book);
        Files = [.. settings.Files.Select(file => new RevocationFile(file, settings.MaxBytes, roots, time) { Book = book })];
        _addresses = [.. settings.Urls.Select(address => new RevocationAddress(address, settings, roots, time, trust) { Book = book })];
        Sources = [.. Files, .. _addresses];
    }

    internal string Name { get; }
    internal ImmutableArray<RevocationFile> Files { get; }
    internal ImmutableArray<RevocationSource> Sources { get; }

    public void Dispose()
    {
        foreach (var address in _addresses)
            address.Dispose();
    }

    /// <summary>Its set has changed.</summary>
    internal void Renew(ImmutableArray<IssuerCertificate> roots)
    {
        _roots = [.. roots];
        foreach (var source in Sources)
            source.Renew(roots);
    }

    internal AuthorityLists Now() =>
        new(
            Name,
            _fail,
            [.. _roots],
            [.. Sources.SelectMany(static source => source.Held)],
            [.. Sources.Where(static source => source.Fault is not null).Select(static source => $"{source.Name}: {source.Fault!.Message}")]
        );

    /// <summary>Writes down what was verified since: the lists of an intermediate are when a chain shows its certificate.</summary>
    internal void Remember()
    {
        foreach (var source in Sources)
            _book?.Remember(source.Name, source.Held);
    }

    /// <summary>Says what a source has brought.</summary>
    internal void Tell(RevocationSource source, ILogger? log)
    {
        if (source.Fault is { } fault)
        {
            Refused.Add(1, new("authority", Name), new("reason", fault.Reason));
            log?.LogWarning(
                "revocation of {Authority}: {Source} is not taken: {Words}. What was held stays until its end",
                Name,
                source.Name,
                fault.Message
            );
            return;
        }
        foreach (var list in source.Held)
            log?.LogInformation(
                "revocation of {Authority}: list of {Issuer} in force, {Entries} certificates, until {Until:O}",
                Name,
                list.IssuerWords,
                list.Serials.Count,
                list.NextUpdate
            );
    }

    /// <summary>Says when the lists begin or cease to tell.</summary>
    internal void Tell(DateTimeOffset now, ILogger? log)
    {
        var isComplete = Now().CompleteUntil() > now;
        if (isComplete == _saidComplete)
            return;
        if (!isComplete && _fail == RevocationFailure.Hard)
            log?.LogError(
                "revocation of {Authority}: no list in date for every issuer; certificates that none covers are refused until there is one",
                Name
            );
        else if (!isComplete)
            log?.LogError(
                "revocation of {Authority}: no list in date for every issuer; certificates are taken although they may have been revoked",
                Name
            );
        else if (_saidComplete is not null)
            log?.LogInformation("revocation of {Authority}: every list is in date again", Name);
        _saidComplete = isComplete;
    }

    private static IEnumerable<Measurement<double>> Measure(Func<AuthorityLists, DateTimeOffset, double> value)
    {
        foreach (var lists in RevocationLists.All.Keys)
            foreach (var one in lists.Current.Authorities)
                yield return new(
                    value(one, lists.Now),
                    new("authority", one.Name),
                    new("fail", one.Fail == RevocationFailure.Hard ? "hard" : "soft")
                );
    }
}
