using System.Collections.Immutable;
using System.Text.Json;
using Ledger;
using Tokens.Status;

namespace Authority.Keys;

/// <summary>
/// Seals what becomes of each signing key, <c>key</c> records of kind <c>token</c>: announce, sign, retire, compromise. It follows the
/// ring, so a change by the schedule, by another node or by <c>gatewayctl</c> stands in this node's log too. What was sealed is remembered
/// in a file of the node. <i>Crash between a record and the file: the record is sealed twice, the safe side.</i>
/// </summary>
public sealed class KeyRecords : IDisposable
{
    private static readonly string[] Acts = ["announce", "sign", "retire"];
    private const string Compromise = "compromise";
    private const string Loop = "key-records";
    private readonly KeyRing _ring;
    private readonly ILedger? _ledger;
    private readonly ITokenStatus _status;
    private readonly string _file;
    private readonly KeyRingOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, string> _sealed;
    private readonly LoopReport? _report;
    private readonly ITimer _timer;

    /// <summary>Starts following.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="ledger">Where records go; null seals nothing.</param>
    /// <param name="status">Where a compromised key is denied, so that gateways refuse the tokens that it signed.</param>
    /// <param name="file">The node's memory of what it sealed.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">Clock.</param>
    /// <param name="report">Is told how each look ended.</param>
    public KeyRecords(
        KeyRing ring,
        ILedger? ledger,
        ITokenStatus status,
        string file,
        KeyRingOptions options,
        TimeProvider time,
        LoopReport? report = null
    )
    {
        (_ring, _ledger, _status, _file, _options, _time, _report) = (ring, ledger, status, file, options, time, report);
        _sealed = File.Exists(file)
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file))!
            : new(StringComparer.Ordinal);
        _timer = time.CreateTimer(_ => _ = Follow(), state: null, TimeSpan.Zero, options.LookEvery);
    }

    /// <summary>Seals what is due. A record that cannot be sealed now is due again at the next look.</summary>
    public async Task Follow()
    {
        if (!await _one.WaitAsync(TimeSpan.Zero))
            return;
        try
        {
            var keys = _ring.Keys;
            foreach (var key in keys)
                foreach (var act in Due(key.State, _sealed.GetValueOrDefault(key.Kid)))
                    if (!await Seal(key.Kid, act, key.By))
                        return;
            foreach (var kid in _sealed.Keys.Where(kid => keys.All(key => key.Kid != kid)).ToArray())
            {
                foreach (var act in Due(KeyState.Gone, _sealed[kid]))
                    if (!await Seal(kid, act, by: null))
                        return;
                _sealed.Remove(kid);
                Remember();
            }

            _report?.Invoke(Loop, null);
        }
        catch (Exception exception)
        {
            // A store or the disk does not answer, as a rule: due again at the next look.
            _report?.Invoke(Loop, exception);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        _one.Dispose();
    }

    /// <summary>Acts that a key in this state has been through and that are not sealed yet, in their order.</summary>
    internal static IEnumerable<string> Due(KeyState state, string? last)
    {
        if (last == Compromise)
            return [];
        if (state == KeyState.Compromised)
            return last is null ? [Acts[0], Compromise] : [Compromise];
        var through = state switch
        {
            KeyState.Announced => 1,
            KeyState.Signing => 2,
            _ => 3,
        };
        return Acts.Take(through).Skip(Array.IndexOf(Acts, last) + 1);
    }

    private async ValueTask<bool> Seal(string kid, string act, string? by)
    {
        // Denied first: whoever changed the ring may not have reached the status list.
        if (act == Compromise)
            await _status.DenyKey(kid, _time.GetUtcNow() + _options.PublishAfter);
        using var seat = LedgerSeat.Take(_ledger);
        if (seat is null || !await seat.Seal(TokenRecord.Key(Ulid.New(_time), _time.GetUtcNow(), kid, act, by)))
            return false;
        _sealed[kid] = act;
        Remember();
        return true;
    }

    private void Remember()
    {
        using var folder = Posix.OpenDirectory(Path.GetDirectoryName(_file)!);
        var temporary = _file + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(_sealed), 0);
            Posix.Fdatasync(file);
        }
        File.Move(temporary, _file, overwrite: true);
        Posix.Fsync(folder);
    }
}
