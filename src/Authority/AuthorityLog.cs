using Ledger;
using Ledger.Local;
using Ledger.Notes;

namespace Authority;

/// <summary>
/// Where this program seals: in the log of the gateway on the same node, through its socket (ledger page, section 15), or in a log of its
/// own. While the socket's owner is away no seat can be reserved, so every request is 503; the connection comes back by itself.
/// </summary>
internal sealed class AuthorityLog : IAsyncDisposable
{
    private readonly IAsyncDisposable _owned;
    private readonly LogKey? _key;

    private AuthorityLog(LedgerSocketClient client) => (Ledger, _owned) = (client, client);

    private AuthorityLog(LedgerWriter writer, LogKey key) => (Ledger, _owned, _key) = (writer, writer, key);

    /// <summary>The ledger.</summary>
    internal ILedger Ledger { get; }

    /// <exception cref="InvalidOperationException">The settings name no log, or two; says which are missing.</exception>
    internal static AuthorityLog Open(LedgerSettings settings, string policy, TimeProvider time)
    {
        var (socket, own) = (settings.Socket.Length > 0, settings.Directory.Length > 0);
        if (socket == own)
            throw new InvalidOperationException("Authority:Ledger needs Socket and Log, or Directory, Origin and Key: one of the two");
        if (socket)
        {
            if (!VerifierKey.TryParse(settings.Log, out var log))
                throw new InvalidOperationException("Authority:Ledger:Log is not the verifier key of the gateway's log (name+id+base64)");
            return new(new LedgerSocketClient(settings.Socket, log, time));
        }
        var key = KeyOf(settings);
        return new(
            LedgerWriter.Open(
                new LedgerOptions
                {
                    Directory = settings.Directory,
                    Origin = settings.Origin,
                    Policy = policy,
                },
                key,
                time
            ),
            key
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _owned.DisposeAsync();
        _key?.Dispose();
    }

    // The first start makes the key of this process's own log; afterwards it is read, never replaced.
    private static LogKey KeyOf(LedgerSettings settings)
    {
        Directory.CreateDirectory(settings.Directory);
        if (File.Exists(settings.Key))
            return LogKey.Load(settings.Key);
        var made = LogKey.Create();
        made.Save(settings.Key);
        return made;
    }
}
