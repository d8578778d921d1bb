using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Gateway.Problems;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Ledger;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Admission;

/// <summary>
/// One client's streams and connections wait behind its own turns; the next turn is another client's, however many the first one has.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class FairTurnsTests
{
    private const string Noisy = "anss-eligibility",
        Quiet = "anss-payments";
    private const int Streams = 60;

    [Fact]
    public async Task A_client_with_sixty_streams_waits_and_another_one_is_served_next()
    {
        using var gate = new GatedLedger();
        await using var town = await Limits.TownAsync(static _ => { }, gate.Around);
        using var noisy = new OpenConnection(town, HttpVersion.Version20, Noisy);
        using var quiet = new OpenConnection(town, HttpVersion.Version11, Quiet);
        var (noisyToken, quietToken) = (await town.TokenFor(Noisy, "ASD_SCHOOLING"), await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL"));
        var arrivals = town.GatewayHost.Services.GetRequiredService<Arrivals>();
        int WaitingOf(string client) => arrivals.Waiting.Where(one => one.Client == client).Sum(static one => one.Waiting);
        gate.Close();
        var all = Enumerable.Range(0, Streams).Select(_ => Question(town, noisyToken, noisy)).ToList();
        await Soon.Holds(
            () => Task.FromResult(gate.Inside > 0 && WaitingOf(Noisy) + gate.Inside == Streams),
            "every turn is taken and the other streams wait"
        );
        var (turns, other) = (gate.Inside, Question(town, quietToken, quiet));
        await Soon.Holds(() => Task.FromResult(WaitingOf(Quiet) == 1), "the other client waits");
        gate.LetOnePass();
        await Soon.Holds(() => Task.FromResult(WaitingOf(Quiet) == 0), "it is the other client's turn");
        Assert.InRange(WaitingOf(Noisy), Streams - turns - 1, Streams - turns);
        gate.Open();
        Assert.Equal(HttpStatusCode.OK, (await other).Status);
        foreach (var one in all)
            Assert.Equal(HttpStatusCode.OK, (await one).Status);
        Assert.Equal(0, arrivals.Waiting.Sum(static one => one.Waiting));
    }

    [Fact]
    public async Task Who_hangs_up_before_its_turn_leaves_the_queue()
    {
        using var gate = new GatedLedger();
        await using var town = await Limits.TownAsync(static _ => { }, gate.Around);
        using var noisy = new OpenConnection(town, HttpVersion.Version20, Noisy);
        var token = await town.TokenFor(Noisy, "ASD_SCHOOLING");
        var arrivals = town.GatewayHost.Services.GetRequiredService<Arrivals>();
        gate.Close();
        using var hangUp = new CancellationTokenSource();
        var all = Enumerable.Range(0, Streams).Select(_ => Question(town, token, noisy, hangUp.Token)).ToList();
        await Soon.Holds(
            () => Task.FromResult(gate.Inside > 0 && arrivals.Waiting.Sum(static one => one.Waiting) + gate.Inside == Streams),
            "all wait"
        );
        gate.LetLaterOnesPass(); // each that hung up seals that it did; the turns stay taken
        await hangUp.CancelAsync();
        await Soon.Holds(() => Task.FromResult(arrivals.Waiting.Sum(static one => one.Waiting) == 0), "nobody waits any more");
        // Whoever leaves at its deadline is told that the gateway is busy: that these left at once, their records say.
        await Soon.Holds(() => Task.FromResult(gate.Sealed(Problem.RequestMalformed) > 0), "they have left by themselves");
        Assert.Equal(0, gate.Sealed(Problem.Overloaded));
        gate.Open();
        foreach (var one in all)
            await Assert.ThrowsAnyAsync<Exception>(() => one);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token, noisy)).Status);
    }

    private static async Task<Reply> Question(Town town, string token, OpenConnection connection, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.File.Gateway + Ask.Enrolments))
        {
            Content = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", token);
        connection.InVersion(request);
        return await Reply.Of(town, await connection.Http.SendAsync(request, cancellation));
    }

    /// <summary>A log whose reservation, the first thing that a call does in its turn, stands still while the gate is closed.</summary>
    private sealed class GatedLedger : ILedger, IDisposable
    {
        private readonly SemaphoreSlim _passes = new(0);
        private readonly ConcurrentBag<string> _records = [];
        private ILedger _inner = null!;
        private volatile bool _isClosed;
        private int _inside;

        public int Inside => Volatile.Read(ref _inside);
        public string Origin => _inner.Origin;
        public LedgerState State => _inner.State;
        public PublishedCheckpoint? Published => _inner.Published;

        public int Sealed(Problem problem) => _records.Count(text => text.Contains($"\"{problem.Code}\"", StringComparison.Ordinal));

        public ILedger Around(ILedger inner)
        {
            _inner = inner;
            return this;
        }

        public void Close() => _isClosed = true;

        public void LetOnePass() => _passes.Release();

        /// <summary>
        /// Who stands at the gate stands on; whoever comes now passes. Else each would hold a thread, and all wait for the pool to grow.
        /// </summary>
        public void LetLaterOnesPass() => _isClosed = false;

        public void Open()
        {
            _isClosed = false;
            _passes.Release(1000);
        }

        public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation)
        {
            if (_isClosed)
            {
                Interlocked.Increment(ref _inside);
                _passes.Wait();
                Interlocked.Decrement(ref _inside);
            }

            return _inner.TryReserve(records, out reservation);
        }

        public ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
        {
            foreach (var record in records)
                _records.Add(Encoding.UTF8.GetString(record.Text.Span));
            return _inner.AppendAsync(reservation, records);
        }

        public void Dispose() => Open();
    }
}
