using System.Text;
using Agreements.Loading;
using Agreements.Signatures;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// Signs the sandbox's agreements with the parties' development keys, and signs again when somebody edits one, so that
/// a newcomer may change a release list and see what happens. Real parties sign real agreements with <c>gatewayctl</c>, and so does an
/// institution here that has put a key of its own into the contracts: the signer leaves its signature alone and makes none for it.
/// </summary>
public sealed class AgreementSigner : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(30);
    private readonly string _contracts;
    private readonly SigningKeys _keys;
    private readonly DateOnly _day;
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private FileSystemWatcher? _watcher;
    private bool _isClosed;

    /// <summary>Prepares to sign.</summary>
    /// <param name="contracts">Deployed contracts folder.</param>
    /// <param name="keys">Keys of the town.</param>
    /// <param name="day">Day of signature.</param>
    public AgreementSigner(string contracts, SigningKeys keys, DateOnly day)
    {
        this._contracts = contracts;
        this._keys = keys;
        this._day = day;
        _timer = new Timer(_ => SignAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Signs every agreement whose signatures are not complete and right.</summary>
    public void SignAll()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            foreach (var path in Directory.EnumerateFiles(Path.Combine(_contracts, "agreements"), "*.yaml").Where(PlainFile.Is))
            {
                try
                {
                    Sign(path);
                }
                catch (Exception fault)
                    when (fault
                            is YamlDotNet.Core.YamlException
                                or IOException
                                or UnauthorizedAccessException
                                or KeyNotFoundException
                                or InvalidCastException
                    )
                {
                    // Half a file or not an agreement: the gateway reports it with line and remedy, and keeps the last good set.
                }
            }
        }
    }

    /// <summary>Signs edited agreements from now on.</summary>
    public void Watch()
    {
        _watcher = new FileSystemWatcher(Path.Combine(_contracts, "agreements"), "*.yaml");
        _watcher.Changed += (_, _) => _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        _watcher.Created += (_, _) => _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        _watcher.Renamed += (_, _) => _timer.Change(Settle, Timeout.InfiniteTimeSpan);
        _watcher.EnableRaisingEvents = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher?.Dispose();
        // Whoever signs at this moment is waited for; nobody signs afterwards.
        lock (_gate)
            _isClosed = true;
        _timer.Dispose();
    }

    private void Sign(string path)
    {
        var text = File.ReadAllText(path);
        var parties = InstitutionFile.Parties(path);
        var ours = parties.Select(party => (Party: party, KeyId: OurKeyId(party))).Where(static one => one.KeyId is not null).ToArray();
        var written = InstitutionFile.Signatures(text);
        // Of an institution that signs for itself its own signatures stay, and those go that the town made in its name before.
        var others = written
            .Where(entry => Array.TrueForAll(ours, one => one.Party != entry.Institution) && !IsTowns(text, entry))
            .ToArray();
        var isComplete =
            Array.TrueForAll(ours, one =>
                written.Any(entry => entry.Institution == one.Party && entry.KeyId == one.KeyId && IsTowns(text, entry))
            )
            && written.Length == ours.Length + others.Length;
        if (isComplete)
            return;
        var signers = ours.Select(one => new Signer(one.Party, "représentant légal", _day, one.KeyId!, _keys.Load(one.KeyId!))).ToArray();
        var signed = new StringBuilder(AgreementSignature.Append(text, signers));
        foreach (var entry in others)
            signed.Append(entry.Text).Append('\n');
        if (signers.Length + others.Length > 0)
            StateFolder.WritePublic(path, signed.ToString());
        foreach (var signer in signers)
            signer.Key.Dispose();
    }

    private bool IsTowns(string text, SignatureEntry entry) =>
        _keys.Has(entry.KeyId)
        && AgreementSignature.Judge(Encoding.UTF8.GetBytes(text), entry.Value, entry.KeyId, _keys.PublicJson(entry.KeyId))
            is SignatureVerdict.Fits;

    /// <summary>The id of the first signing key of an institution whose private half the town has; null when it signs for itself.</summary>
    private string? OurKeyId(string institution)
    {
        var place = Path.Combine(_contracts, "institutions");
        return InstitutionFile
            .Read(Path.Combine(place, institution + ".yaml"))
            .SigningKeys.Where(key =>
                _keys.Has(key.KeyId)
                && File.Exists(Path.Combine(place, key.File))
                && File.ReadAllText(Path.Combine(place, key.File)).Contains(_keys.Public(key.KeyId).X, StringComparison.Ordinal)
            )
            .Select(static key => key.KeyId)
            .FirstOrDefault();
    }
}
