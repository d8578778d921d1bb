using System.Diagnostics.CodeAnalysis;
using System.Net;
using Ledger;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>No record, no answer.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LedgerFaultsTest
{
    [Fact, Provokes("ledger-unavailable")]
    public async Task Without_a_seat_in_the_ledger_nothing_is_asked_and_nothing_is_answered()
    {
        var failing = new FailingLedger();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        failing.HasRoom = false;
        town["menps"].Received.Clear();
        var reply = await Question(town, token);
        Unavailable(reply, "AUD-01");
        Assert.Empty(town["menps"].Received.All);
        failing.HasRoom = true;
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
    }

    [Fact, Provokes("ledger-unavailable")]
    public async Task When_sealing_fails_after_the_provider_answered_nothing_of_the_answer_is_released()
    {
        var failing = new FailingLedger();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        failing.Seals = false;
        var reply = await Question(town, token);
        Unavailable(reply, "AUD-02");
        Assert.DoesNotContain("ENROLLED", reply.Text, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (
                await town.ClientAs("anss-eligibility")
                    .GetAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)))
            ).StatusCode
        );
    }

    [Fact]
    public async Task Not_one_byte_of_a_body_leaves_while_the_record_is_not_durable()
    {
        var failing = new FailingLedger();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        failing.Holds = new TaskCompletionSource();
        var asked = Question(town, token);
        Assert.NotSame(asked, await Task.WhenAny(asked, Task.Delay(1000)));
        failing.Holds.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await asked).Status);
    }

    [Fact]
    public async Task A_fault_after_the_disclosure_was_sealed_is_sealed_in_a_second_seat_and_nothing_of_the_answer_is_released()
    {
        var failing = new FailingLedger();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        failing.FaultsOnceSealed = true;
        var reply = await Question(town, token);
        Assert.Equal((HttpStatusCode.InternalServerError, "internal-fault"), (reply.Status, reply.Code));
        Assert.DoesNotContain("ENROLLED", reply.Text, StringComparison.Ordinal);
        Assert.NotNull(reply.Header(ReceiptHeader.Name));
    }

    private static async Task<Reply> Question(Town town, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), System.Text.Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, town.ClientAs("anss-eligibility"));
    }

    private static void Unavailable(Reply reply, string rule)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("ledger-unavailable", reply.Code);
        Assert.Equal(rule, reply.Json.GetProperty("rule").GetString());
        Assert.NotNull(reply.Header("Retry-After"));
        Assert.Null(reply.Header(ReceiptHeader.Name));
    }

    [Fact]
    public async Task A_declaration_whose_record_cannot_be_sealed_has_no_effect_alone_or_in_a_batch()
    {
        var (failing, today) = (new FailingLedger(), Agreements.CivilTime.Today(TimeProvider.System));
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        var (alone, line) = (Declare.Nobody(81), Declare.Nobody(82));
        Assert.Equal("dossier-not-open", (await town.Enrolment(alone)).Code);
        // The intent is sealed; the record of the effect is not.
        failing.Refuses = "\"ev\":\"access\"";
        Assert.Equal("ledger-unavailable", (await town.Dossier(Declare.Open(alone, today))).Code);
        Assert.Equal("ledger-unavailable", (await town.Dossiers([Declare.Line("d-1", Declare.Open(line, today))])).Code);
        failing.Refuses = null;
        Assert.Equal("dossier-not-open", (await town.Enrolment(alone)).Code);
        Assert.Equal("dossier-not-open", (await town.Enrolment(line)).Code);
        Assert.Equal("""{"result":"ACCEPTED"}""", (await town.Dossier(Declare.Open(alone, today))).Text);
    }

    [Fact]
    public async Task A_stop_whose_record_cannot_be_sealed_does_not_hold()
    {
        const string agreement = "ANSS-MENPS-2026-01";
        var failing = new FailingLedger();
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, WrapLedger = failing.Around });
        using var http = town.ClientWith(town.Pki.Client("menps-school-support").Load());
        var statement = Suspensions.Statement.By(town, "menps");
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        failing.Refuses = "\"ev\":\"suspend\"";
        Assert.Equal("ledger-unavailable", (await Say()).Code);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
        failing.Refuses = null;
        Assert.Equal(HttpStatusCode.OK, (await Say()).Status);
        Assert.Equal("agreement-suspended", (await Question(town, token)).Code);

        async Task<Reply> Say()
        {
            using var body = new StringContent(
                statement,
                System.Text.Encoding.ASCII,
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/jose")
            );
            return await town.Send($"/catalogue/v1/agreements/{agreement}/suspensions", body, token: null, http);
        }
    }

    /// <summary>A ledger whose disk can be full, failing or slow.</summary>
    private sealed class FailingLedger : ILedger
    {
        private ILedger _inner = null!;

        public bool HasRoom { get; set; } = true;
        public bool Seals { get; set; } = true;
        public bool FaultsOnceSealed { get; set; }
        public string? Refuses { get; set; }
        public TaskCompletionSource? Holds { get; set; }
        public string Origin => _inner.Origin;
        public LedgerState State => Seals ? _inner.State : LedgerState.Healing;
        public PublishedCheckpoint? Published => _inner.Published;

        public ILedger Around(ILedger inner)
        {
            _inner = inner;
            return this;
        }

        public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation)
        {
            reservation = null;
            return HasRoom && _inner.TryReserve(records, out reservation);
        }

        public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
        {
            if (
                !Seals
                || (
                    Refuses is { } text
                    && records.Any(record => System.Text.Encoding.UTF8.GetString(record.Text.Span).Contains(text, StringComparison.Ordinal))
                )
            )
                throw new LedgerUnavailable("the disk fails");
            if (Holds is { } holds)
                await holds.Task;
            var receipts = await _inner.AppendAsync(reservation, records);
            if (!FaultsOnceSealed)
                return receipts;
            FaultsOnceSealed = false;
            throw new InvalidOperationException("on command");
        }
    }
}
