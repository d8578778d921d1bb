using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using Agreements;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Problems;
using Gateway.Tests.Requests;
using Ledger;
using Ledger.Subjects;
using Tokens.Access;
using Tokens.Operations;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Which refusals share a record, and that none of them is lost.</summary>
public sealed class RefusalCountsTest
{
    private static readonly Refusal Refused = new(Problem.RequestInvalid);

    [Fact]
    public void Refusals_share_a_record_only_when_system_operation_code_rule_agreement_and_purpose_are_the_same()
    {
        var kinds = new[]
        {
            RefusalKind.Of(Facts(), Refused),
            RefusalKind.Of(Facts(client: "anss-two"), Refused),
            RefusalKind.Of(Facts(operation: "other"), Refused),
            RefusalKind.Of(Facts(operation: null), Refused),
            RefusalKind.Of(Facts(), new Refusal(Problem.OperationNotCovered) { Rule = Refused.Rule }),
            RefusalKind.Of(Facts(), Refused with { Rule = "REQ-99" }),
            RefusalKind.Of(Facts(agreement: "A@2"), Refused),
            RefusalKind.Of(Facts(purpose: "Q"), Refused),
        };
        Assert.Equal(kinds.Length, kinds.Distinct().Count());
        Assert.Equal(kinds[0], RefusalKind.Of(Facts(person: "other"), Refused));
    }

    [Fact]
    public void Where_a_refusal_depends_on_the_person_each_person_is_counted_alone_and_is_named()
    {
        foreach (
            var problem in (Problem[])
                [Problem.DossierNotOpen, Problem.PopulationOutOfScope, Problem.TerritoryOutOfScope, Problem.SubjectQuotaExhausted]
        )
        {
            Assert.NotEqual(
                RefusalKind.Of(Facts(person: "one"), new Refusal(problem)),
                RefusalKind.Of(Facts(person: "two"), new Refusal(problem))
            );
            Assert.NotNull(CountedRefusals.First("id", Facts(), new Refusal(problem), DateTimeOffset.UnixEpoch).Person);
        }

        Assert.Null(CountedRefusals.First("id", Facts(), Refused, DateTimeOffset.UnixEpoch).Person);
    }

    [Fact]
    public void What_followed_a_question_ends_a_write_or_is_our_own_fault_has_its_own_record()
    {
        Assert.True(RefusalKind.MayShare(Facts(), Refused));
        Assert.False(RefusalKind.MayShare(Facts(), Refused with { Provider = "menps" }));
        Assert.False(RefusalKind.MayShare(Facts(), new Refusal(Problem.InternalFault)));
        var (asked, about) = (Facts(), Facts());
        asked.Legs = [new Leg("menps", "MENPS-MASSAR", 500, 1, Under: null, Digest: null, Sent: true)];
        about.About = "01M4Z9XGAGE6D6T3ESNJKBM53X";
        Assert.False(RefusalKind.MayShare(asked, Refused));
        Assert.False(RefusalKind.MayShare(about, Refused));
    }

    [Fact]
    public void Nothing_is_counted_before_one_like_it_is_durable_and_so_many_of_a_second_stand_alone()
    {
        var count = new RefusalCount(each: 2);
        var first = Add(count);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Null(Add(count).Shared));
        first.Sealed();
        Assert.NotNull(Add(count).Shared);
        var (idle, group) = count.End();
        Assert.Equal((false, 1), (idle, group!.Number));
        // A new second: two alone again, and as long as none of these is durable no third is counted.
        Assert.Null(Add(count).Shared);
        Add(count).Sealed();
        Assert.NotNull(Add(count).Shared);
    }

    [Fact]
    public void A_count_in_which_nothing_happened_for_a_second_takes_no_more()
    {
        var count = new RefusalCount(each: 1);
        Add(count);
        Assert.Equal((false, null), count.End());
        Assert.Equal((true, null), count.End());
        Assert.Null(count.Add(Facts(), Refused, TimeProvider.System));
    }

    [Fact]
    public void A_record_names_an_address_and_a_certificate_only_when_all_came_from_there()
    {
        var (one, other) = (Facts(), Facts(address: "192.0.2.2", certificate: "other"));
        var counted = CountedRefusals.First("id", one, Refused, DateTimeOffset.UnixEpoch).And(one, DateTimeOffset.UnixEpoch);
        Assert.Equal((IPAddress.Parse("192.0.2.1"), "certificate", 2), (counted.Address, counted.Certificate, counted.Number));
        counted = counted.And(other, DateTimeOffset.UnixEpoch.AddSeconds(1)).And(one, DateTimeOffset.UnixEpoch.AddSeconds(2));
        Assert.Equal(
            ((IPAddress?)null, (string?)null, 4, DateTimeOffset.UnixEpoch.AddSeconds(2)),
            (counted.Address, counted.Certificate, counted.Number, counted.Until)
        );
    }

    [Fact]
    public async Task What_cannot_be_sealed_now_is_sealed_later_under_the_id_that_was_told()
    {
        var folder = Directory.CreateTempSubdirectory("counts-").FullName;
        try
        {
            using var key = LogKey.Create();
            await using var writer = LedgerWriter.Open(
                new LedgerOptions
                {
                    Directory = Path.Combine(folder, "log"),
                    Origin = "anss.example/audit/2026/n1",
                    SegmentBytes = 1 << 20,
                    SpareSegments = 1,
                    StopFreeBytes = 0,
                    StopFreeShare = 0,
                },
                key,
                TimeProvider.System
            );
            var ledger = new ListeningLedger(writer);
            using var background = new BackgroundWork();
            using var counts = new RefusalCounts(
                new Sealing(ledger, new SubjectKeys(Path.Combine(folder, "keys"), TimeProvider.System), TimeProvider.System),
                new GatewayOptions { RefusalsSealedEach = 1 },
                background,
                new StillClock()
            );
            counts.Place(Facts(), Refused).Sealed();
            var told = Assert.Single(Enumerable.Range(0, 3).Select(_ => counts.Place(Facts(), Refused).Shared).Distinct());
            ledger.Seals = false;
            await counts.SealCountedAsync();
            await counts.SealCountedAsync();
            Assert.Empty(ledger.Sealed);
            ledger.Seals = true;
            await counts.StopAsync(CancellationToken.None);
            var record = JsonSerializer.Deserialize<JsonElement>(Assert.Single(ledger.Sealed));
            Assert.Equal(
                (told, 3, "anss-one", "A@1"),
                (
                    record.GetProperty("id").GetString(),
                    record.GetProperty("n").GetInt32(),
                    record.GetProperty("cli").GetString(),
                    record.GetProperty("agr").GetString()
                )
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static RefusalPlace Add(RefusalCount count) => count.Add(Facts(), Refused, TimeProvider.System)!;

    private static ExchangeFacts Facts(
        string client = "anss-one",
        string? operation = "operation",
        string agreement = "A@1",
        string purpose = "P",
        string person = "one",
        string address = "192.0.2.1",
        string certificate = "certificate"
    )
    {
        var names = new LocalizedText("fr", "ar", "en");
        var system = new Client
        {
            Id = client,
            Institution = "anss",
            Names = names,
            Authentication = ClientAuthentication.PrivateKeyJwt,
        };
        return new ExchangeFacts
        {
            Id = "id",
            Registry = SomeGrant.Registry(),
            Status = StatusSnapshot.Empty,
            Salt = new byte[16],
            ArrivedAt = 0,
            Operation = operation,
            Address = IPAddress.Parse(address),
            CertificateThumbprint = certificate,
            Caller = new Caller(
                new Institution
                {
                    Id = "anss",
                    Names = names,
                    Class = InstitutionClass.Agency,
                },
                system,
                Office: null,
                agreement,
                purpose,
                []
            )
            {
                TokenId = "t",
                ExpiresAt = DateTimeOffset.MaxValue,
                Scheme = TokenScheme.Bearer,
            },
            Person = new Person("sector-token", person, "edu_" + person.PadRight(26, '0')),
        };
    }

    /// <summary>A clock whose timers never ring: the test ends the seconds itself.</summary>
    private sealed class StillClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A ledger whose disk can fail, and that keeps what it sealed.</summary>
    private sealed class ListeningLedger(ILedger inner) : ILedger
    {
        public bool Seals { get; set; } = true;
        public List<string> Sealed { get; } = [];
        public string Origin => inner.Origin;
        public LedgerState State => inner.State;
        public PublishedCheckpoint? Published => inner.Published;

        public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation) => inner.TryReserve(records, out reservation);

        public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
        {
            if (!Seals)
                throw new LedgerUnavailable("the disk fails");
            Sealed.AddRange(records.Select(static record => Encoding.UTF8.GetString(record.Text.Span)));
            return await inner.AppendAsync(reservation, records);
        }
    }
}
