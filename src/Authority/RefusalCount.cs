using Ledger;

namespace Authority;

/// <summary>
/// Equal refusals of one second: the first few get a record each, the rest one record together, whose id is fixed when the first of them is
/// counted. So every refusal that is told has the id of its record at once. Refusals are equal when they are told alike: where a stranger
/// could see which share an id, the exact reason must not decide it. Those with several reasons that share a record share
/// <see cref="Several"/> too. Thread-safe.
/// </summary>
internal sealed class RefusalCount
{
    /// <summary>Code of a record that stands for several exact reasons.</summary>
    internal const string Several = "client-authentication-failed";
    private const int SealedEach = 5;
    private readonly Lock _gate = new();
    private TokenRefusal? _refusal;
    private AuthenticatedClient? _client;
    private string? _group;
    private DateTimeOffset _until;
    private int _sealed;
    private int _counted;
    private bool _idle;

    /// <summary>Adds one; <c>IsAlone</c> when it gets a record of its own, under the id given back.</summary>
    internal (string Id, bool IsAlone) Add(TokenRefusal refusal, AuthenticatedClient? client, bool mayBeAlone, TimeProvider time)
    {
        lock (_gate)
        {
            (_client, _until, _idle) = (client, time.GetUtcNow(), false);
            if (!mayBeAlone || _sealed >= SealedEach)
                return (Counted(refusal, time), false);
            _sealed++;
            return (Ulid.New(time), true);
        }
    }

    internal void CountOnly(TokenRefusal refusal, TimeProvider time)
    {
        lock (_gate)
        {
            (_until, _idle) = (time.GetUtcNow(), false);
            Counted(refusal, time);
        }
    }

    /// <summary>Ends the second; null when nothing has happened in two of them.</summary>
    internal CountedRefusals? Take()
    {
        lock (_gate)
        {
            if (_idle && _counted == 0)
                return null;
            var taken = new CountedRefusals(_group ?? "", _counted, _refusal!, _client, _until);
            (_group, _sealed, _counted, _idle) = (null, 0, 0, true);
            return taken;
        }
    }

    /// <summary>What could not be sealed is counted on, under the older id: the one that callers have been told for longer.</summary>
    internal void GiveBack(string group, int number)
    {
        lock (_gate)
            (_group, _counted, _idle) = (group, _counted + number, false);
    }

    private string Counted(TokenRefusal refusal, TimeProvider time)
    {
        _refusal = _counted == 0 || _refusal!.Code == refusal.Code ? refusal : refusal with { Code = Several };
        _counted++;
        return _group ??= Ulid.New(time);
    }
}

/// <summary>Refusals that share one record.</summary>
/// <param name="Id">Id of the record; empty when <paramref name="Number"/> is zero.</param>
/// <param name="Number">How many they are.</param>
/// <param name="Refusal">The last of them, with its code where all had the same.</param>
/// <param name="Client">Who had proved to be whom.</param>
/// <param name="Until">When the last of them was.</param>
internal sealed record CountedRefusals(string Id, int Number, TokenRefusal Refusal, AuthenticatedClient? Client, DateTimeOffset Until);
