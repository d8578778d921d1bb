using Authority.Keys;
using Authority.Tests.Support;
using Ledger;
using Tokens.Status;
using Tokens.Stores;

namespace Authority.Tests.Keys;

/// <summary>
/// What becomes of a signing key stands in the ledger (ledger page, section 3.3, <c>key</c>), once, whoever changed the ring.
/// </summary>
public sealed class KeyRecordsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("key-records-").FullName;
    private readonly TownClock _clock = new();
    private readonly KeyRingOptions _options = new() { LookEvery = TimeSpan.FromMilliseconds(20) };
    private readonly LogKey _logKey = LogKey.Create();
    private ITokenStatus _status = null!;
    private LedgerWriter _writer = null!;
    private RecordingLedger _ledger = null!;

    public ValueTask InitializeAsync()
    {
        _writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = Path.Combine(_folder, "ledger"),
                Origin = "test.example/keys",
                SegmentBytes = 1 << 20,
            },
            _logKey,
            _clock
        );
        _ledger = new RecordingLedger(_writer);
        _status = StatusStore.Open(new StoreSettings { File = Path.Combine(_folder, "status.db") }, _clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _status.Dispose();
        _logKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private KeyRing Ring() => KeyRing.Open(Path.Combine(_folder, "keys"), "secret", _options, _clock);

    private KeyRecords Records(KeyRing ring) => new(ring, _ledger, _status, Path.Combine(_folder, "key-records.json"), _options, _clock);

    private async Task<string[]> Sealed(int count)
    {
        for (var i = 0; i < 1000 && _ledger.Records.Count < count; i++)
            await Task.Delay(10);
        await Task.Delay(100);
        return [.. _ledger.Records.Select(static record => $"{record["act"]} {record["kid"]}")];
    }

    [Fact]
    public async Task A_key_s_announcement_first_use_retirement_and_compromise_are_sealed_once_each_and_across_a_restart()
    {
        using var ring = Ring();
        var first = ring.Signing.KeyId;
        string second,
            third;
        using (Records(ring))
        {
            Assert.Equal([$"announce {first}", $"sign {first}"], await Sealed(2));
            using (var other = Ring())
                second = other.Rotate(by: "op-1");
            Assert.Equal($"announce {second}", (await Sealed(3))[^1]);
        }
        _clock.Ahead = TimeSpan.FromHours(25);
        using (Records(ring))
        {
            Assert.Equal([$"retire {first}", $"sign {second}"], (await Sealed(5))[3..]);
            third = ring.Compromise(second, by: "op-1,op-2");
            Assert.Equal([$"compromise {second}", $"announce {third}", $"sign {third}"], (await Sealed(8))[5..]);
            Assert.True(_status.Current.IsKeyDenied(second));
        }
        var compromise = _ledger.Records.Single(static record => (string?)record["act"] == "compromise");
        Assert.Equal(["v", "ev", "id", "ts", "kind", "kid", "act", "by"], compromise.AsObject().Select(static member => member.Key));
        Assert.Equal(("key", "token", "op-1,op-2"), ((string)compromise["ev"]!, (string)compromise["kind"]!, (string)compromise["by"]!));
    }

    [Fact]
    public async Task A_record_that_the_ledger_does_not_take_now_is_sealed_later()
    {
        _ledger.IsFull = true;
        using var ring = Ring();
        using var records = Records(ring);
        await Task.Delay(100);
        Assert.Empty(_ledger.Records);
        _ledger.IsFull = false;
        Assert.Equal(2, (await Sealed(2)).Length);
    }

    [Fact]
    public void Nothing_is_due_twice_and_nothing_is_left_out()
    {
        Assert.Equal(["announce"], KeyRecords.Due(KeyState.Announced, last: null));
        Assert.Equal(["announce", "sign", "retire"], KeyRecords.Due(KeyState.Retired, last: null));
        Assert.Equal(["retire"], KeyRecords.Due(KeyState.Gone, "sign"));
        Assert.Empty(KeyRecords.Due(KeyState.Gone, "retire"));
        Assert.Equal(["compromise"], KeyRecords.Due(KeyState.Compromised, "retire"));
        Assert.Empty(KeyRecords.Due(KeyState.Compromised, "compromise"));
    }
}
