using System.Security.Cryptography;
using Agreements;
using Agreements.Loading;
using Gateway.Admission;
using Gateway.Authentication;
using Gateway.Observability;
using Gateway.Problems;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Tokens.Revocation;
using Tokens.Transport;

namespace Gateway;

/// <summary>
/// Admission: before any work on a token each registered client is held to the connections and the rate of its registration, then each call
/// waits for its turn, by client. What is charged to a client needs its proof: the key of its certificate, or, where that does not say
/// which client it is, token and proof of the call. Until then a call is a stranger's, waits among strangers by its source, and costs no
/// client anything.
/// </summary>
internal sealed class Arrivals(RegistryWatcher law, CertificateStops stops, GatewayMeters meters, TimeProvider time)
{
    // A connection too many that asks nothing is closed by then.
    private static readonly TimeSpan SilentSurplus = TimeSpan.FromSeconds(5);
    private const int MostParked = 2000,
        ShortestPark = 100,
        LongestPark = 500;

    // More at once would not be done sooner, only be in the way of whoever comes next.
    private static readonly int WorkAtOnce = Math.Max(2, Environment.ProcessorCount);
    private readonly ClientShares _shares = new(time);
    private readonly FairSeats _clients = new(WorkAtOnce, time),
        _strangers = new(Math.Max(1, WorkAtOnce / 2), time);
    private int _parked;

    /// <summary>Calls that wait for their turn, by client; all strangers together under <c>none</c>.</summary>
    public IEnumerable<(string Client, int Waiting)> Waiting => [.. _clients.WaitingByClient, ("none", _strangers.Waiting)];

    /// <summary>A connection, from its handshake to its end.</summary>
    public async Task ConnectedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var mine = new CallerConnection(PresentedCertificate.Of(connection.Items));
        mine.Keep(connection.Items);
        var isSurplus = HolderOf(mine, law.Current) is { } client && !mine.TryJoin(_shares.Of(client), client.Connections);
        // One too many is told so at its first call; if it makes none, it need not be held open.
        await using var silent = isSurplus
            ? time.CreateTimer(_ => CloseSurplus(connection, mine), state: null, SilentSurplus, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            await next(connection);
        }
        finally
        {
            mine.Close();
        }
    }

    /// <summary>Admits a call, whose turn it then is; the turn goes with the request.</summary>
    /// <param name="http">The call.</param>
    /// <param name="registry">Snapshot that the call is read under.</param>
    /// <param name="operation">Operation asked for, whose longest deadline bounds the wait; null for others.</param>
    public async ValueTask<Verdict<Turn>> EnterAsync(HttpContext http, Registry registry, string? operation)
    {
        var arrived = time.GetTimestamp();
        var client = HolderOf(CallerConnection.Of(http), registry);
        if (client is not null && Over(http, client) is { } over)
            return await ParkedAsync(over, http.RequestAborted);
        var patience = client is null ? Grant.UsualDeadline : registry.LongestDeadline(client.Institution, operation);
        var (seats, lane) = client is null
            ? (_strangers, _strangers.LaneOf(SourceAddress.Of(http.Connection.RemoteIpAddress).ToString()))
            : (_clients, _clients.LaneOf(client.Id));
        if (await WaitAsync(seats, lane, patience, client, http.RequestAborted) is { } refusal)
            return refusal;
        var turn = new Turn(client, arrived, patience, seats, lane);
        http.Features.Set(turn);
        return turn;
    }

    /// <summary>
    /// A call has proven whose it is. Where its connection did not say so before, it is held to that client's limits now, and waits for its
    /// turn among clients.
    /// </summary>
    public async ValueTask<Verdict<Caller>> ProvenAsync(HttpContext http, Caller caller)
    {
        if (http.Turn() is not { } turn || turn.Client is not null)
            return caller;
        turn.Dispose();
        if (Over(http, caller.Client) is { } over)
            return await ParkedAsync(over, http.RequestAborted);
        var lane = _clients.LaneOf(caller.Client.Id);
        if (
            await WaitAsync(_clients, lane, turn.Patience - time.GetElapsedTime(turn.ArrivedAt), caller.Client, http.RequestAborted) is
            { } refusal
        )
            return refusal;
        turn.Become(caller.Client, _clients, lane);
        return caller;
    }

    /// <summary>Whom a call's certificate alone names, for the record of a call that was turned away.</summary>
    public Caller? HolderOf(HttpContext http, Registry registry)
    {
        var connection = CallerConnection.Of(http);
        return HolderOf(connection, registry) is { } client
            ? Caller.ByCertificate(registry, client, connection.Certificate!, purpose: "")
            : null;
    }

    // A certificate that was revoked or stopped names nobody: whoever has stolen its key must not use up what is its client's.
    private Client? HolderOf(CallerConnection connection, Registry registry)
    {
        if (connection.Certificate is not { } certificate || stops.Of(certificate) == CertificateStop.None)
            return connection.HolderIn(registry);
        connection.Leave();
        return null;
    }

    private Refusal? Over(HttpContext http, Client client)
    {
        var share = _shares.Of(client);
        if (!CallerConnection.Of(http).TryJoin(share, client.Connections))
        {
            meters.TurnedAway("connections", client.Id);
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            return new Refusal(Problem.ConnectionLimitReached) { RetryAfterSeconds = 1, Reason = "more connections than registered" };
        }

        if (share.Rate.Take(client.RequestsPerSecond) is not { } wait)
            return null;
        meters.TurnedAway("rate", client.Id);
        return new Refusal(Problem.RateExceeded)
        {
            Rule = "WIR-08",
            RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)),
            Reason = "more calls a second than registered",
        };
    }

    private async ValueTask<Refusal?> WaitAsync(FairSeats seats, FairLane lane, TimeSpan patience, Client? client, CancellationToken hungUp)
    {
        try
        {
            if (await seats.EnterAsync(lane, patience > TimeSpan.Zero ? patience : TimeSpan.Zero, hungUp))
                return null;
        }
        catch (OperationCanceledException)
        {
            return new Refusal(Problem.RequestMalformed) { Reason = "the caller hung up before its turn" };
        }

        meters.TurnedAway("deadline", client?.Id ?? "none");
        return new Refusal(Problem.Overloaded)
        {
            RetryAfterSeconds = RandomNumberGenerator.GetInt32(2, 5),
            Reason = "no turn before the deadline",
        };
    }

    // Who calls again as soon as it is refused is slowed down by its own refusals, which otherwise would cost the gateway more than answers
    // do.
    private async ValueTask<Refusal> ParkedAsync(Refusal refusal, CancellationToken hungUp)
    {
        try
        {
            if (Interlocked.Increment(ref _parked) <= MostParked)
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(ShortestPark, LongestPark)), time, hungUp)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Interlocked.Decrement(ref _parked);
        }

        return refusal;
    }

    private void CloseSurplus(ConnectionContext connection, CallerConnection mine)
    {
        if (HolderOf(mine, law.Current) is not { } client || mine.TryJoin(_shares.Of(client), client.Connections))
            return;
        meters.TurnedAway("connections", client.Id);
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
