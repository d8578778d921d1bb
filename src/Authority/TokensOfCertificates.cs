using System.Collections.Concurrent;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// What this process has issued on connections with a certificate, for as long as it lives. A token that is bound to a proof key shows no
/// certificate to the gateway: when the certificate under which it was issued is revoked or stopped, it goes on the status list. Of a token
/// that is bound to the certificate the gateway sees the certificate itself, and introspection sees a fingerprint, which no revocation list
/// knows: what this process has seen of it answers. In memory alone: after a restart such tokens live to their end, 300 seconds at most.
/// Thread-safe.
/// </summary>
public sealed class TokensOfCertificates : IDisposable
{
    private const int Most = 65_536;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentQueue<Issued> _proofBound = new();
    private readonly ConcurrentDictionary<string, (PresentedCertificate Certificate, DateTimeOffset Until)> _bound = new(
        StringComparer.Ordinal
    );
    private readonly CertificateStops _stops;
    private readonly ITokenStatus _status;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _looking;

    /// <summary>Starts watching.</summary>
    /// <param name="stops">Whether a certificate was revoked or stopped.</param>
    /// <param name="status">Where its tokens are stopped.</param>
    /// <param name="time">Clock.</param>
    public TokensOfCertificates(CertificateStops stops, ITokenStatus status, TimeProvider time)
    {
        (_stops, _status, _time) = (stops, status, time);
        _timer = time.CreateTimer(_ => _ = Look(), state: null, LookEvery, LookEvery);
    }

    /// <summary>Remembers a token. Of more than 65,536 proof-bound ones alive the oldest are forgotten: they end first.</summary>
    public void Note(PresentedCertificate certificate, ComposedToken token, Confirmation confirmation)
    {
        if (confirmation.X5tS256 is { } fingerprint)
        {
            if (_bound.Count < Most || _bound.ContainsKey(fingerprint))
                _bound[fingerprint] = (certificate, token.Expires);
            return;
        }
        _proofBound.Enqueue(new(certificate, token.Jti, token.Expires));
        if (_proofBound.Count > Most)
            _proofBound.TryDequeue(out _);
    }

    /// <summary>Is the certificate to which a token is bound known here to be revoked or stopped?</summary>
    public bool IsStopped(string fingerprint) =>
        _status.Current.IsSuspended(StoppedKind.Certificate, fingerprint)
        || (_bound.TryGetValue(fingerprint, out var known) && _stops.Of(known.Certificate) == CertificateStop.Revoked);

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private async Task Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
            return;
        try
        {
            var now = _time.GetUtcNow();
            while (_proofBound.TryPeek(out var oldest) && oldest.Expires < now)
                _proofBound.TryDequeue(out _);
            foreach (var one in _bound)
                if (one.Value.Until < now)
                    _bound.TryRemove(one);
            foreach (var one in _proofBound)
            {
                if (one.IsStopped || _stops.Of(one.Certificate) != CertificateStop.Revoked)
                    continue;
                await _status.Revoke(one.Jti, one.Expires);
                one.IsStopped = true;
            }
        }
        catch (Exception exception) when (exception is StatusUnavailable or ObjectDisposedException)
        {
            // The list is away: its age shows, and the next look tries again.
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private sealed class Issued(PresentedCertificate certificate, string jti, DateTimeOffset expires)
    {
        internal PresentedCertificate Certificate { get; } = certificate;
        internal string Jti { get; } = jti;
        internal DateTimeOffset Expires { get; } = expires;
        internal bool IsStopped { get; set; }
    }
}
