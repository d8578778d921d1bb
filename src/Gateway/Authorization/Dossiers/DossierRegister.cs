using System.Collections.Immutable;
using System.Text.Json;
using Tokens.Stores;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Who has an open dossier, in which quality, in which province (exchanges page, section 11.2). Holds keyed pseudonyms only. The truth is
/// the log of declarations; this is its image in memory, made at the start and kept up with the log, so that a look-up costs one HMAC
/// and one probe.
/// </summary>
internal sealed class DossierRegister : IDeclarationReader, IDisposable
{
    /// <summary>
    /// An image that could not be confirmed with the log for so long counts for nothing: a dossier may have been closed meanwhile.
    /// </summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly byte[] _key;
    private readonly TimeProvider _time;
    private readonly DeclarationLog _log;
    private readonly DossierTable _table = new();
    private readonly DossierClauses _clauses = new();
    private readonly List<int> _fromLog = [0];
    private readonly Dictionary<int, int> _toLog = [];
    private readonly List<Period> _periods = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _closing = new();
    private Task _follower = Task.CompletedTask;
    private long _place,
        _confirmed = long.MinValue;

    private DossierRegister(byte[] key, IDeclarationServer server, TimeProvider time) =>
        (_key, _time, _log) = (key, time, new DeclarationLog(server));

    /// <summary>
    /// Opens the register and reads its log. A server that is not there yet is waited for: until then the register is not fresh.
    /// </summary>
    /// <param name="store">Where the log is kept.</param>
    /// <param name="seed">Start file; empty for none.</param>
    /// <param name="key">Key of the pseudonyms.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="StoreRefused">The store may not be used.</exception>
    /// <exception cref="InvalidDataException">A line of the start file is no declaration.</exception>
    public static DossierRegister Open(StoreSettings store, string seed, byte[] key, TimeProvider time)
    {
        var register = new DossierRegister(
            key,
            store.Open<IDeclarationServer>(
                "the register of dossiers (DossierStore)",
                file => new SqliteDeclarationServer(file, time),
                static server => new PostgresDeclarationServer(server)
            ),
            time
        );
        if (seed.Length > 0)
            register.Seed(seed);
        try
        {
            register.Follow();
        }
        catch (Exception fault) when (DeclarationLog.Unanswered(fault) && fault is not StoreRefused)
        {
            register._log.DropReader();
        }

        register._follower = Task.Run(() => register.FollowAsync(register._closing.Token));
        return register;
    }

    /// <summary>Time since the image was last known to be the newest; <see cref="TimeSpan.MaxValue"/> when it never was.</summary>
    public TimeSpan Age => Interlocked.Read(ref _confirmed) is var at && at == long.MinValue ? TimeSpan.MaxValue : _time.GetElapsedTime(at);

    /// <summary>May the register be relied on?</summary>
    public bool IsFresh => Age < StaleAfter;

    /// <summary>Bytes of the image in memory.</summary>
    public long Bytes => _table.Bytes;

    /// <inheritdoc/>
    int IDeclarationReader.LastName => _fromLog.Count - 1;

    /// <inheritdoc/>
    public long LastPlace => Interlocked.Read(ref _place);

    /// <summary>The person's pseudonym in this register.</summary>
    public UInt128 HandleOf(Person person) => DossierPseudonym.Of(_key, person.SectorToken);

    /// <summary>The open dossier of a person in the first of the qualities that has one. Allocates nothing.</summary>
    /// <param name="agreement">Agreement id.</param>
    /// <param name="qualities">Qualities that count.</param>
    /// <param name="person">What <see cref="HandleOf"/> gave.</param>
    /// <param name="day">Day of the question.</param>
    /// <param name="dossier">The dossier.</param>
    public bool TryFind(string agreement, ImmutableArray<string> qualities, UInt128 person, DateOnly day, out Dossier dossier)
    {
        var number = DossierDay.Of(day);
        foreach (var quality in qualities)
        {
            if (_clauses.Find(agreement, quality) is not (> 0 and var clause) || !_table.TryFind(clause, person, number, out var period))
                continue;
            dossier = new Dossier(ProvinceNumber.Text(period.Province), DossierDay.Day(period.From)!.Value, DossierDay.Day(period.To));
            return true;
        }

        dossier = default;
        return false;
    }

    /// <summary>
    /// Was never anybody declared under these qualities of the agreement? Such a gate refuses everybody, and its consumer must hear why.
    /// </summary>
    public bool IsEmpty(string agreement, ImmutableArray<string> qualities)
    {
        foreach (var quality in qualities)
            if (_table.Count(_clauses.Find(agreement, quality)) > 0)
                return false;
        return true;
    }

    /// <summary>Periods by agreement and quality, for the metrics.</summary>
    public IEnumerable<(string Agreement, string Quality, long Periods)> Counts() =>
        _clauses.All().Select(clause => (clause.Agreement, clause.Quality, _table.Count(clause.Number)));

    /// <summary>Begins the one writing turn, over all nodes. The caller disposes of it.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public async ValueTask<DeclarationTurn> BeginAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return new DeclarationTurn(this, _log.Begin(this));
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
#pragma warning disable VSTHRD002 // the follower ends with the wait that was just cancelled
        _follower.Wait();
#pragma warning restore VSTHRD002
        _log.Dispose();
        _closing.Dispose();
        _turn.Dispose();
    }

    /// <inheritdoc/>
    void IDeclarationReader.Name(int id, string agreement, string quality)
    {
        if (id != _fromLog.Count)
            throw new InvalidDataException("the names of the register's log are not consecutive");
        Named(_clauses.Of(agreement, quality));
    }

    /// <inheritdoc/>
    void IDeclarationReader.Declared(long first, ReadOnlySpan<byte> body)
    {
        if (first != _place + 1 || body.Length % Declaration.Bytes != 0)
            throw new InvalidDataException("the register's log has a gap");
        for (; !body.IsEmpty; body = body[Declaration.Bytes..])
        {
            var declaration = Declaration.Read(body);
            declaration = declaration with { Clause = _fromLog[declaration.Clause] };
            // What the start file contradicts changes nothing: the file stands before the log.
            Apply(declaration, checked((uint)++_place));
        }
    }

    /// <summary>Number of a clause in the log; false when it has none yet.</summary>
    internal bool TryName(int clause, out int name) => _toLog.TryGetValue(clause, out name);

    /// <summary>Number of a clause in memory.</summary>
    internal int ClauseOf(string agreement, string quality) => _clauses.Of(agreement, quality);

    /// <summary>Number that the next new clause gets in the log.</summary>
    internal int NextName => _fromLog.Count;

    /// <summary>Periods of a person, in a list of the caller's own.</summary>
    internal List<Period> PeriodsOf(int clause, UInt128 person)
    {
        var periods = new List<Period>(2);
        _table.Read(clause, person, periods);
        return periods;
    }

    /// <summary>A turn is durable: its changes become what is looked up.</summary>
    internal void Committed(IEnumerable<int> names, Dictionary<(int Clause, UInt128 Person), List<Period>> changes, long place)
    {
        foreach (var clause in names)
            Named(clause);
        foreach (var ((clause, person), periods) in changes)
            _table.Replace(clause, person, periods);
        Interlocked.Exchange(ref _place, place);
        Interlocked.Exchange(ref _confirmed, _time.GetTimestamp());
    }

    /// <summary>The turn ended.</summary>
    internal void Ended() => _turn.Release();

    /// <summary>The store did not answer within a turn: its connection is not used again.</summary>
    internal void Lost() => _log.DropWriter();

    // {"agreement":"ANSS-MENPS-2026-01","quality":"ASD_CHILD_SCHOOL_AGE","person":"<22 characters>","province":"06.181.","from":"2026-09-01"}
    // with an optional "to". Every line must be sound, or nothing starts; what is wrong with it is told by its number alone.
    private void Seed(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0)
                continue;
            try
            {
                var entry = JsonSerializer.Deserialize(line, DossierJson.Default.DossierEntry) ?? throw new JsonException();
                if (!ProvinceNumber.TryParse(entry.Province, out var province))
                    throw new FormatException();
                var to = entry.To is { } last ? DossierDay.Of(last) : DossierDay.Open;
                var declaration = new Declaration(
                    _clauses.Of(entry.Agreement, entry.Quality),
                    DossierPseudonym.Parse(entry.Person),
                    DeclaredAct.Open,
                    DossierDay.Of(entry.From),
                    to,
                    province
                );
                if (declaration.To < declaration.From || Apply(declaration, place: 0) == DeclaredOutcome.Conflict)
                    throw new FormatException();
            }
            catch (Exception fault) when (fault is JsonException or FormatException or ArgumentOutOfRangeException)
            {
                throw new InvalidDataException($"dossier register: line {number} is not a declaration", fault);
            }
        }
    }

    private DeclaredOutcome Apply(in Declaration declaration, uint place)
    {
        _periods.Clear();
        _table.Read(declaration.Clause, declaration.Person, _periods);
        var outcome = DossierRules.Apply(_periods, declaration, place, out _);
        if (outcome == DeclaredOutcome.Accepted)
            _table.Replace(declaration.Clause, declaration.Person, _periods);
        return outcome;
    }

    private void Named(int clause)
    {
        _toLog[clause] = _fromLog.Count;
        _fromLog.Add(clause);
    }

    private void Follow()
    {
        var asked = _time.GetTimestamp();
        var connection = _log.Reader();
        if (_place == 0)
            _table.Reserve(_log.Size(connection));
        _log.Read(connection, transaction: null, this);
        Interlocked.Exchange(ref _confirmed, asked);
    }

    private async Task FollowAsync(CancellationToken closing)
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                await _log.WaitAsync(closing);
                await _turn.WaitAsync(closing);
                try
                {
                    Follow();
                }
                finally
                {
                    _turn.Release();
                }
            }
            catch (Exception) when (closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // The image stays and its age shows; after a minute nobody relies on it.
                _log.DropReader();
                await Task.Delay(Pause, _time, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
