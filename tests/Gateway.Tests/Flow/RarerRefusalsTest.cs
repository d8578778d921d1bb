using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using Ledger;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Refusals that need another convention, another institution or a fault of ours.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RarerRefusalsTest(TownFixture fixture)
{
    private readonly Town _town = fixture.Town;

    [Fact, Provokes("not-acceptable")]
    public async Task A_format_that_no_answer_has_is_refused() =>
        await RefusalsTest.Refused(
            await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), purpose: "ASD_SCHOOLING", with: static request =>
                request.Headers.Accept.ParseAdd("text/csv")
            ),
            HttpStatusCode.NotAcceptable,
            "not-acceptable",
            "WIR-04"
        );

    [Fact, Provokes("consent-required")]
    public async Task Where_the_convention_asks_for_consent_the_call_names_where_it_is_kept() =>
        await RefusalsTest.Refused(
            await _town.Post(Ask.JobSeekers, JobSeeker, "anss-inclusion", "INCLUSION_EMPLOYMENT", static request =>
                request.Headers.Add("Case-Reference", "DESK-0001")
            ),
            HttpStatusCode.Forbidden,
            "consent-required",
            "PER-07"
        );

    [Fact, Provokes("population-out-of-scope")]
    public async Task A_dossier_in_another_quality_does_not_open_the_gate()
    {
        var reply = await _town.Immunization(Fixtures.PregnantWoman);
        await RefusalsTest.Refused(reply, HttpStatusCode.Forbidden, "population-out-of-scope", "PER-11");
    }

    [Fact, Provokes("provider-closed")]
    public async Task Inside_a_declared_window_the_provider_is_not_called()
    {
        await using var town = await With(
            "institutions/anapec.yaml",
            "  identifierScheme: sector-token",
            "  identifierScheme: sector-token\n  maintenance: [ { days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], from: \"00:00\", to: \"00:00\" } ]"
        );
        var reply = await town.Post(Ask.JobSeekers, JobSeeker, purpose: "ASD_ELIGIBILITY");
        await RefusalsTest.Refused(reply, HttpStatusCode.ServiceUnavailable, "provider-closed", "FWD-02");
        Assert.True(int.Parse(reply.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Empty(town["anapec"].Received.All);
    }

    [Fact, Provokes("operation-disabled")]
    public async Task An_operation_that_is_off_by_default_stays_off()
    {
        await using var town = await With(
            "openapi/employment.yaml",
            "operationId: employment.job-seeker-status.read",
            "operationId: employment.job-seeker-status.read\n      x-enabled-by-default: false"
        );
        await RefusalsTest.Refused(
            await town.Post(Ask.JobSeekers, JobSeeker, purpose: "ASD_ELIGIBILITY"),
            HttpStatusCode.Forbidden,
            "operation-disabled",
            "PER-03"
        );
    }

    [Fact, Provokes("batch-limit-reached")]
    public async Task More_batches_than_the_convention_opens_wait()
    {
        await using var town = await With("agreements/ANSS-MENPS-2026-01.yaml", "openBatches: 50", "openBatches: 1");
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.Accepted, (await Submit(town)).Status);
        await RefusalsTest.Refused(await Submit(town), HttpStatusCode.TooManyRequests, "batch-limit-reached", "QUO-06");
    }

    [Fact]
    public async Task A_batch_with_more_lines_than_the_convention_allows_is_refused_whole()
    {
        await using var town = await With(
            "agreements/ANSS-MENPS-2026-01.yaml",
            "    answer: { maxBytes: 16384, deadline: PT8S }",
            "    answer: { maxBytes: 16384, deadline: PT8S }\n    batch: { maxLines: 2 }"
        );
        Assert.Equal(HttpStatusCode.Accepted, (await Submit(town, lines: 2)).Status);
        await RefusalsTest.Refused(await Submit(town, lines: 3), HttpStatusCode.RequestEntityTooLarge, "batch-too-large", "REQ-09");
    }

    [Fact, Provokes("internal-fault")]
    public async Task A_fault_of_ours_is_sealed_and_says_nothing_of_itself()
    {
        var faulty = new FaultyLedger();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                WrapLedger = faulty.Around,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        faulty.ThrowsOnce = true;
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        var reply = await town.Send(Ask.Enrolments, body, token, town.ClientAs("anss-eligibility"));
        await RefusalsTest.Refused(reply, HttpStatusCode.InternalServerError, "internal-fault", "FLT-01");
        Assert.DoesNotContain("SYNTHETIC FAULT", reply.Text, StringComparison.Ordinal);
    }

    private static string JobSeeker => JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });

    private static async Task<Reply> Submit(Town town, int lines = 1)
    {
        var token = await town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
        var text = string.Join(
            '\n',
            Enumerable
                .Range(0, lines)
                .Select(number =>
                    JsonSerializer.Serialize(
                        new
                        {
                            reference = $"a-{number}",
                            subject = new { scheme = "idcs", value = Fixtures.PlainChild },
                            schoolYear = town.File.SchoolYear,
                        }
                    )
                )
        );
        using var body = new StringContent(text, Encoding.UTF8, "application/x-ndjson");
        return await town.Send("/education/v1/school-enrolment-batches", body, token, town.ClientAs("anss-batch"), static request =>
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString())
        );
    }

    private static Task<Town> With(string file, string from, string to) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                KeepsQuotas = true,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = contracts =>
                {
                    var path = Path.Combine(contracts, file);
                    var text = File.ReadAllText(path);
                    Assert.Contains(from, text, StringComparison.Ordinal);
                    File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
                },
            }
        );

    private sealed class FaultyLedger : ILedger
    {
        private ILedger _inner = null!;

        public bool ThrowsOnce { get; set; }
        public string Origin => _inner.Origin;
        public LedgerState State => _inner.State;
        public PublishedCheckpoint? Published => _inner.Published;

        public ILedger Around(ILedger inner)
        {
            _inner = inner;
            return this;
        }

        public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation) =>
            _inner.TryReserve(records, out reservation);

        public ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
        {
            if (!ThrowsOnce)
                return _inner.AppendAsync(reservation, records);
            ThrowsOnce = false;
            throw new InvalidOperationException("SYNTHETIC FAULT");
        }
    }
}
