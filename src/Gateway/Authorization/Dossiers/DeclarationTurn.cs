using System.Buffers;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Declarations of one call, or of one chunk of a batch. Each sees what those before it did; look-ups see nothing of them before they are
/// durable, and then all of it that concerns a person at once.
/// </summary>
internal sealed class DeclarationTurn(DossierRegister register, LogTurn log) : IDisposable
{
    private readonly Dictionary<(int Clause, UInt128 Person), List<Period>> _changes = [];
    private readonly Dictionary<int, int> _names = [];
    private readonly ArrayBufferWriter<byte> _rows = new();
    private readonly long _first = register.LastPlace + 1;
    private bool _over;

    private int Count => _rows.WrittenCount / Declaration.Bytes;

    /// <summary>Decides a declaration.</summary>
    /// <param name="agreement">Agreement id.</param>
    /// <param name="quality">Quality.</param>
    /// <param name="declared">The declaration; its clause is filled in here.</param>
    /// <param name="exchange">Id of the exchange that declares.</param>
    /// <param name="opening">Place of the declaration that opened the dossier concerned; 0 when there is none or it came from the start
    /// file.</param>
    public DeclaredOutcome Declare(string agreement, string quality, Declaration declared, UInt128 exchange, out uint opening)
    {
        declared = declared with { Clause = register.ClauseOf(agreement, quality) };
        var key = (declared.Clause, declared.Person);
        if (!_changes.TryGetValue(key, out var periods))
            periods = register.PeriodsOf(declared.Clause, declared.Person);
        var outcome = DossierRules.Apply(periods, declared, checked((uint)(_first + Count)), out opening);
        if (outcome != DeclaredOutcome.Accepted)
            return outcome;
        _changes[key] = periods;
        declared.Write(_rows.GetSpan(Declaration.Bytes), NameOf(declared.Clause, agreement, quality), exchange);
        _rows.Advance(Declaration.Bytes);
        return outcome;
    }

    /// <summary>Id of the exchange that made the declaration at a place; zero when there is none.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public UInt128 ExchangeOf(uint place)
    {
        if (place == 0)
            return 0;
        return place < _first
            ? Asked(() => log.ExchangeOf(place))
            : Declaration.ExchangeOf(_rows.WrittenSpan[(int)((place - _first) * Declaration.Bytes)..]);
    }

    /// <summary>What an idempotency key stands for; null when nobody used it.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public KeyedCall? FindCall(byte[] scope) => Asked(() => log.FindCall(scope));

    /// <summary>Gives a key to a call, durable with the turn. Whoever finds it free in the same turn has it alone, on all nodes.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public void Reserve(byte[] scope, byte[] asked, DateTimeOffset at, string exchange, string holder) =>
        Asked(() =>
        {
            log.Reserve(scope, asked, at, exchange, holder);
            return true;
        });

    /// <summary>Goes on holding a key until the turn ends; false when another call has taken it, because this one took too long.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public bool Renew(byte[] scope, string exchange) => Asked(() => log.Renew(scope, exchange));

    /// <summary>Keeps the answer to a call that holds its key for seven days, durable with the turn.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public void KeepAnswer(byte[] scope, string exchange, byte[] body, DateTimeOffset at) =>
        Asked(() =>
        {
            log.KeepAnswer(scope, exchange, body, at, at.AddDays(-7));
            return true;
        });

    /// <summary>Frees the key of a call that came to nothing.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public void Release(byte[] scope, string exchange) =>
        Asked(() =>
        {
            log.Release(scope, exchange);
            return true;
        });

    /// <summary>Makes the turn durable, then visible. <i>A crash in between: the next start reads it from the log.</i></summary>
    /// <exception cref="DossiersUnavailable">Not known to be durable; if it is, the log tells so within a second.</exception>
    public void Commit()
    {
        Asked(() =>
        {
            log.Append(_first, _rows.WrittenMemory);
            log.Commit();
            return true;
        });
        register.Committed(_names.OrderBy(static name => name.Value).Select(static name => name.Key), _changes, _first + Count - 1);
    }

    /// <summary>Ends the turn; what was not committed never happened.</summary>
    public void Dispose()
    {
        if (_over)
            return;
        _over = true;
        log.Dispose();
        register.Ended();
    }

    private int NameOf(int clause, string agreement, string quality)
    {
        if (register.TryName(clause, out var name) || _names.TryGetValue(clause, out name))
            return name;
        name = register.NextName + _names.Count;
        Asked(() =>
        {
            log.Name(name, agreement, quality);
            return true;
        });
        _names.Add(clause, name);
        return name;
    }

    // Lost in the middle of a turn or at its end, the store is away all the same: 503, and nothing of the turn stands unless the log tells
    // so.
    private T Asked<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception fault) when (DeclarationLog.Unanswered(fault))
        {
            register.Lost();
            throw new DossiersUnavailable("the register of dossiers does not answer", fault);
        }
    }
}
