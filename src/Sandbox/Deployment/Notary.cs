using Agreements.Loading;
using Agreements.Signatures;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// Signs the sandbox's agreements with the parties' development keys, and signs again when somebody edits one, so that
/// a newcomer may change a release list and see what happens. Real parties sign real agreements with <c>gatewayctl</c>.
/// </summary>
public sealed class Notary : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(30);
    private readonly string contracts;
    private readonly SigningKeys keys;
    private readonly DateOnly day;
    private readonly Lock gate = new();
    private readonly Timer timer;
    private FileSystemWatcher? watcher;
    private bool isClosed;

    /// <summary>Prepares to sign.</summary>
    /// <param name="contracts">Deployed contracts folder.</param>
    /// <param name="keys">Keys of the town.</param>
    /// <param name="day">Day of signature.</param>
    public Notary(string contracts, SigningKeys keys, DateOnly day)
    {
        this.contracts = contracts;
        this.keys = keys;
        this.day = day;
        timer = new Timer(_ => SignAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Signs every agreement whose signatures are not complete and right.</summary>
    public void SignAll()
    {
        lock (gate)
        {
            if (isClosed) return;
            foreach (var path in Directory.EnumerateFiles(Path.Combine(contracts, "agreements"), "*.yaml").Where(PlainFile.Is))
            {
                try
                {
                    Sign(path);
                }
                catch (Exception fault) when (fault is YamlDotNet.Core.YamlException or IOException or KeyNotFoundException or InvalidCastException)
                {
                    // Half a file or not an agreement: the gateway reports it with line and remedy, and keeps the last good set.
                }
            }
        }
    }

    /// <summary>Signs edited agreements from now on.</summary>
    public void Watch()
    {
        watcher = new FileSystemWatcher(Path.Combine(contracts, "agreements"), "*.yaml");
        watcher.Changed += (_, _) => timer.Change(Settle, Timeout.InfiniteTimeSpan);
        watcher.Created += (_, _) => timer.Change(Settle, Timeout.InfiniteTimeSpan);
        watcher.Renamed += (_, _) => timer.Change(Settle, Timeout.InfiniteTimeSpan);
        watcher.EnableRaisingEvents = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        watcher?.Dispose();
        // Whoever signs at this moment is waited for; nobody signs afterwards.
        lock (gate) isClosed = true;
        timer.Dispose();
    }

    private void Sign(string path)
    {
        var text = File.ReadAllText(path);
        var parties = InstitutionFile.Parties(path);
        var keyIds = parties.ToDictionary(p => p, KeyId, StringComparer.Ordinal);
        if (IsSigned(text, keyIds)) return;
        var signers = parties.Select(p => new Signer(p, "représentant légal", day, keyIds[p], keys.Load(keyIds[p]))).ToArray();
        StateFolder.WritePublic(path, AgreementSignature.Append(text, signers));
        foreach (var signer in signers) signer.Key.Dispose();
    }

    /// <summary>Every party's entry stands in the file and verifies. The value is searched by position, because the file's text is what is signed.</summary>
    private bool IsSigned(string text, Dictionary<string, string> keyIds)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        foreach (var keyId in keyIds.Values)
        {
            var at = text.IndexOf($"keyId: {keyId},", StringComparison.Ordinal);
            var from = at < 0 ? -1 : text.IndexOf("value: \"", at, StringComparison.Ordinal) + 8;
            var to = from < 8 ? -1 : text.IndexOf('"', from);
            if (to < 0 || AgreementSignature.Judge(bytes, text[from..to], keyId, keys.PublicJson(keyId)) is not SignatureVerdict.Fits) return false;
        }
        return true;
    }

    private string KeyId(string institution) =>
        InstitutionFile.Read(Path.Combine(contracts, "institutions", institution + ".yaml")).SigningKeys[0].KeyId;
}
