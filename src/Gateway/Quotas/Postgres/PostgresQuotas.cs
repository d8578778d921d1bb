using System.Data.Common;
using Agreements;
using Gateway.Authorization;
using Ledger;
using Tokens.Stores;

namespace Gateway.Quotas.Postgres;

/// <summary>
/// Quotas of several nodes, in PostgreSQL. A share is taken durably before a provider is asked, with a lease that names the exchange; it is
/// charged or given back afterwards. What a dead node left under way counts against the limits until its next start, which settles each
/// lease from the node's own log (<see cref="Left"/>): charged if the answer was sealed, given back if not.
/// </summary>
internal sealed class PostgresQuotas : IQuotaBook, IDisposable
{
    private readonly PostgresServer _server;
    private readonly SharedPersons _persons;
    private readonly WalkAlarm _alarm;
    private readonly TimeProvider _time;
    private readonly string _node;
    private readonly QuotaWriter _writer;
    private int _disposed;

    /// <summary>Opens the counters. They may be away: then nothing is taken until they answer.</summary>
    /// <param name="settings">Where they are.</param>
    /// <param name="node">Name of this node: the origin of its log.</param>
    /// <param name="persons">Pseudonyms that all nodes share.</param>
    /// <param name="alarm">Told of systems that have used up their misses.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when they stop and start answering.</param>
    /// <exception cref="StoreRefused">The server may not be used; says why.</exception>
    public PostgresQuotas(
        StoreSettings settings,
        string node,
        SharedPersons persons,
        WalkAlarm alarm,
        TimeProvider time,
        ILogger<PostgresQuotas> log
    )
    {
        (_persons, _alarm, _time, _node, _server) = (persons, alarm, time, node, new PostgresServer(settings, QuotaTable.Schema));
        QuotaTable? first = null;
        try
        {
            first = Connect();
        }
        catch (DbException fault)
        {
            log.LogError("The shared quotas do not answer: {Fault}", fault.GetType().Name);
        }

        _writer = new QuotaWriter(Connect, first, time, log);
    }

    /// <inheritdoc/>
    public bool IsHealthy => _writer.IsHealthy;

    /// <inheritdoc/>
    public async ValueTask<Verdict<QuotaLease>> TakeAsync(Entitlement entitlement, Person person, string exchange, string? agent)
    {
        var terms = entitlement.Grant.Quotas;
        var ask = new QuotaAsk(
            QuotaPeriod.At(Ulid.TimeOf(exchange)),
            terms.CountsPersons ? _persons.Of(person) : null,
            entitlement.Caller.Client.Id,
            entitlement.Caller.Office?.Code,
            agent
        )
        {
            IsBulk = entitlement.Operation.BatchOf is not null,
        };
        return await TakeAsync(entitlement, ask, exchange);
    }

    /// <inheritdoc/>
    public ValueTask<Verdict<QuotaLease>> TakeMissAsync(Entitlement entitlement, string exchange) =>
        TakeAsync(entitlement, QuotaAsk.OfMiss(entitlement.Caller.Client.Id, exchange), exchange);

    private async ValueTask<Verdict<QuotaLease>> TakeAsync(Entitlement entitlement, QuotaAsk ask, string exchange)
    {
        var (grant, terms) = (GrantOf(entitlement), entitlement.Grant.Quotas);
        var asked = await AskAsync(
            new QuotaWork(QuotaTask.Take, grant, exchange)
            {
                Ask = ask,
                Terms = terms,
                Totals = entitlement.Agreement.Quotas,
                Done = Awaited(),
            }
        );
        if (asked is not { } decision)
            return QuotaRefusals.Unknown("the shared quotas do not answer");
        _alarm.Look(decision, grant, ask, entitlement);
        if (decision.Refused is { } problem)
            return QuotaRefusals.Of(problem, decision.State, entitlement, _time.GetUtcNow());
        return new QuotaLease(this, grant, exchange, ask, decision.State);
    }

    /// <summary>Takes shares for tests and benchmarks, without a permit.</summary>
    internal ValueTask<QuotaDecision?> TakeAsync(
        QuotaGrant grant,
        in QuotaAsk ask,
        QuotaTerms terms,
        string exchange,
        TotalQuotas? totals = null
    ) =>
        AskAsync(
            new QuotaWork(QuotaTask.Take, grant, exchange)
            {
                Ask = ask,
                Terms = terms,
                Totals = totals,
                Done = Awaited(),
            }
        );

    /// <summary>Settles a share that has no lease object.</summary>
    internal void Settle(QuotaGrant grant, in QuotaAsk ask, string exchange, Charge charge) =>
        _writer.TryAdd(new QuotaWork(QuotaTask.Settle, grant, exchange) { Ask = ask, Charge = charge });

    /// <inheritdoc/>
    public void Settle(QuotaLease lease, Charge charge) => Settle(lease.Grant, lease.Ask, lease.Exchange, charge);

    /// <inheritdoc/>
    public async ValueTask<Verdict<QuotaState>> OpenBatchAsync(Entitlement entitlement, string batch)
    {
        var asked = await OpenBatchAsync(GrantOf(entitlement), entitlement.Grant.Quotas, batch);
        if (asked is not { } decision)
            return QuotaRefusals.Unknown("the shared quotas do not answer");
        if (decision.Refused is not null)
            return QuotaRefusals.NoPlace(entitlement, _time.GetUtcNow());
        return decision.State;
    }

    /// <inheritdoc/>
    public void CloseBatch(Entitlement entitlement, string batch) => CloseBatch(GrantOf(entitlement), batch);

    /// <summary>Takes a place for tests, without an entitlement.</summary>
    internal ValueTask<QuotaDecision?> OpenBatchAsync(QuotaGrant grant, QuotaTerms terms, string batch) =>
        AskAsync(new QuotaWork(QuotaTask.Open, grant, batch) { Terms = terms, Done = Awaited() });

    /// <summary>Gives it back.</summary>
    internal void CloseBatch(QuotaGrant grant, string batch) => _writer.TryAdd(new QuotaWork(QuotaTask.Close, grant, batch));

    /// <inheritdoc/>
    public async ValueTask<Verdict<IReadOnlyList<QuotaState>>> UsageAsync(Agreement agreement, Grant grant, string? office)
    {
        try
        {
            // The connection waits as it likes: not on the thread that serves the caller.
            return new Verdict<IReadOnlyList<QuotaState>>(await Task.Run(() => Usage(agreement, grant, office)));
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or IOException)
        {
            return QuotaRefusals.Unknown("the shared quotas do not answer");
        }
    }

    private IReadOnlyList<QuotaState> Usage(Agreement agreement, Grant grant, string? office)
    {
        using var table = Connect();
        var (rows, period) = (new QuotaRows(), QuotaPeriod.At(_time.GetUtcNow()));
        var (quota, whole) = (table.IdOf(new QuotaGrant(agreement.Id, grant.Id)), table.IdOf(new QuotaGrant(agreement.Id, grant.Id).Whole));
        rows.TouchWhole(whole, period);
        rows.Touch(quota, new QuotaAsk(period, Person: null, Client: "", office, Agent: null));
        table.Load(rows, []); // the transaction ends with the connection
        return QuotaRefusals.Usage(grant.Quotas, rows.Of(quota), agreement.Quotas, rows.Of(whole), period, office);
    }

    /// <summary>
    /// Shares that an earlier life of this node left under way; its batches are closed. Only for the process that owns the node's log:
    /// nobody else of this node is alive then.
    /// </summary>
    public IReadOnlyList<OpenLease> Left()
    {
        using var table = Connect();
        table.CloseLeft();
        return table.Left();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The container knows it under two types, and disposes of each.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _writer.Dispose();
        _server.Dispose();
    }

    private static QuotaGrant GrantOf(Entitlement entitlement) => new(entitlement.Agreement.Id, entitlement.Grant.Id);

    private static TaskCompletionSource<QuotaDecision> Awaited() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<QuotaDecision?> AskAsync(QuotaWork work)
    {
        try
        {
            return _writer.TryAdd(work) ? await work.Done!.Task : null;
        }
        catch (QuotasUnavailable)
        {
            return null;
        }
    }

    private QuotaTable Connect()
    {
        var connection = _server.Open();
        try
        {
            return new QuotaTable(connection, _node);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
