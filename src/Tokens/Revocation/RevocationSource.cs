using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Tokens.Revocation;

/// <summary>
/// One file or address of lists: what it holds, and what is wrong with it. What is refused changes nothing: the lists that it had stay
/// until their own end. Used by one loop at a time; what it shows may be read by anybody.
/// </summary>
/// <param name="name">The file or address, as configured.</param>
/// <param name="issuers">Certificates of the authority's set.</param>
/// <param name="time">Clock.</param>
internal abstract class RevocationSource(string name, ImmutableArray<IssuerCertificate> issuers, TimeProvider time)
{
    private volatile IssuerCertificate[] _issuers = [.. issuers];
    private volatile bool _isAnew;

    /// <summary>A list that says it was made later than this from now was not made by a clock that can be believed.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(2);
    private const string FromTheFuture = "future";
    private volatile RevocationList[] _held = [];
    private volatile RevocationRefused? _fault = new("never-read", "it was not read yet");
    private byte[] _digest = [];
    private RevocationRefused? _refused;

    internal string Name { get; } = name;

    /// <summary>What it brought before this start.</summary>
    internal RevocationBook? Book { get; init; }

    /// <summary>The lists that count.</summary>
    internal ImmutableArray<RevocationList> Held => [.. _held];

    /// <summary>What is wrong with it now; null when nothing is.</summary>
    internal RevocationRefused? Fault => _fault;
    protected TimeProvider Time { get; } = time;

    /// <summary>The authority's set has changed: what was refused under the old one is judged anew.</summary>
    internal void Renew(ImmutableArray<IssuerCertificate> anew) => (_issuers, _isAnew) = ([.. anew], true);

    /// <summary>Reads it, if it is to be read now. True when what is held or what is wrong has changed.</summary>
    internal async Task<bool> Look(CancellationToken stopping)
    {
        if (_isAnew)
        {
            (_isAnew, _digest, _refused) = (false, [], null);
            Forget();
        }

        try
        {
            return await Changed(stopping) is { } content && Take(content);
        }
        catch (RevocationRefused refused)
        {
            var isNew = _fault?.Message != refused.Message;
            _fault = refused;
            return isNew;
        }
    }

    /// <summary>What comes next is read, whether it was read before or not.</summary>
    protected abstract void Forget();

    /// <summary>The content; null when it is not time to read it, or it cannot have changed.</summary>
    /// <exception cref="RevocationRefused">It cannot be had; says why.</exception>
    protected abstract Task<ReadOnlyMemory<byte>?> Changed(CancellationToken stopping);

    /// <summary>Judges the content, unless it is what was judged last: that would cost as much and come to the same.</summary>
    private bool Take(ReadOnlyMemory<byte> content)
    {
        var digest = SHA256.HashData(content.Span);
        if (digest.AsSpan().SequenceEqual(_digest) && _refused is not { Reason: FromTheFuture })
        {
            if (_refused is { } still)
                throw still;
            var wasAway = _fault is not null;
            _fault = null;
            return wasAway;
        }
        (_digest, _refused) = (digest, null);
        try
        {
            (_held, _fault) = (Taken(content), null);
            return true;
        }
        catch (RevocationRefused refused)
        {
            _refused = refused;
            throw;
        }
    }

    private RevocationList[] Taken(ReadOnlyMemory<byte> content)
    {
        var (lists, now) = (RevocationListReader.Read(content), Time.GetUtcNow());
        foreach (var list in lists)
        {
            if (list.ThisUpdate > now + Ahead)
                throw new RevocationRefused(
                    FromTheFuture,
                    $"the list of {list.IssuerWords} says it was made at {list.ThisUpdate:O}, which is still to come"
                );
            // An issuer that is in no set is an intermediate: its signature is verified when a chain shows its certificate.
            if (_issuers.Any(issuer => issuer.Name == list.Issuer) && !_issuers.Any(list.IsSignedBy))
                throw new RevocationRefused(
                    "signature",
                    $"the list in the name of {list.IssuerWords} is not signed by that authority with an algorithm of today"
                );
        }
        foreach (var list in lists)
            if (Book?.WhyNot(Name, list) is { } words)
                throw Older(list, words);
        foreach (var old in _held)
        {
            var heirs = lists
                .Where(list => list.Issuer == old.Issuer && list.Points.SequenceEqual(old.Points, StringComparer.Ordinal))
                .ToArray();
            if (heirs.Length == 0)
                throw new RevocationRefused("issuer", $"it holds the list of {old.IssuerWords} no longer");
            foreach (var heir in heirs)
                if (heir.WhyNotAfter(old) is { } words)
                    throw Older(heir, words);
        }
        // Taken although it is past its end: what it revokes stays revoked, and the rest is as unknown as without it.
        return [.. lists];
    }

    private static RevocationRefused Older(RevocationList list, string words) =>
        new("older", $"the list of {list.IssuerWords} is refused: {words}");
}
