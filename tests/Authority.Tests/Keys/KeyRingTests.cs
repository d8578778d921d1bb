using System.Text;
using System.Text.Json.Nodes;
using Authority.Keys;
using Authority.Tests.Support;
using Ledger;
using Tokens.Jose;

namespace Authority.Tests.Keys;

/// <summary>The key ring (authority page, section 10): announced, signing, retired, gone.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "ring-" + Path.GetRandomFileName());
    private readonly TownClock _clock = new();
    private readonly KeyRingOptions _options = new() { LookEvery = TimeSpan.FromMilliseconds(50) };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private KeyRing Open(string passphrase = "secret") => KeyRing.Open(_folder, passphrase, _options, _clock);

    private static string[] Published(KeyRing ring) =>
        [.. JsonNode.Parse(ring.Jwks.Span)!["keys"]!.AsArray().Select(static key => (string)key!["kid"]!)];

    [Fact]
    public void OA_09_A_key_is_published_a_day_before_it_signs_and_until_its_last_token_and_cached_set_have_expired()
    {
        using var ring = Open();
        var first = ring.Signing.KeyId;
        var second = ring.Rotate();
        Assert.Equal([first, second], Published(ring));
        Assert.Equal(first, ring.Signing.KeyId);
        _clock.Ahead = TimeSpan.FromHours(23);
        Assert.Equal(first, ring.Signing.KeyId);
        _clock.Ahead = TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1);
        Assert.Equal(second, ring.Signing.KeyId);
        Assert.Equal([first, second], Published(ring));
        _clock.Ahead = TimeSpan.FromHours(25) + TimeSpan.FromSeconds(290);
        Assert.Contains(first, Published(ring));
        _clock.Ahead = TimeSpan.FromHours(25) + TimeSpan.FromSeconds(310);
        Assert.Equal([second], Published(ring));
    }

    [Fact]
    public void The_schedule_announces_the_next_key_by_itself()
    {
        using var ring = Open();
        _clock.Ahead = TimeSpan.FromDays(89) + TimeSpan.FromMinutes(1);
        Assert.True(SpinWait.SpinUntil(() => Published(ring).Length == 2, TimeSpan.FromSeconds(20)));
        var first = ring.Signing.KeyId;
        _clock.Ahead = TimeSpan.FromDays(90) + TimeSpan.FromMinutes(2);
        Assert.NotEqual(first, ring.Signing.KeyId);
    }

    [Fact]
    public void Nodes_that_share_the_folder_agree()
    {
        using var one = Open();
        using var two = Open();
        Assert.Equal(one.Signing.KeyId, two.Signing.KeyId);
        Assert.Equal(one.SharedSecret, two.SharedSecret);
        var next = one.Rotate();
        Assert.True(SpinWait.SpinUntil(() => Published(two).Contains(next, StringComparer.Ordinal), TimeSpan.FromSeconds(20)));
        _clock.Ahead = TimeSpan.FromHours(25);
        Assert.Equal((next, next), (one.Signing.KeyId, two.Signing.KeyId));
    }

    [Fact]
    public void A_compromised_key_is_out_at_once_and_another_signs()
    {
        using var ring = Open();
        var first = ring.Signing.KeyId;
        ring.Compromise(first);
        Assert.NotEqual(first, ring.Signing.KeyId);
        Assert.Equal([ring.Signing.KeyId], Published(ring));
        var announced = ring.Rotate();
        ring.Compromise(ring.Signing.KeyId);
        Assert.Equal(announced, ring.Signing.KeyId);
    }

    [Fact]
    public void A_compromised_signing_key_is_followed_by_the_announced_one_and_no_retired_key_comes_back()
    {
        using var ring = Open();
        var first = ring.Signing.KeyId;
        var second = ring.Rotate();
        _clock.Ahead = TimeSpan.FromHours(24) + TimeSpan.FromMinutes(5);
        Assert.Equal(second, ring.Signing.KeyId);
        var third = ring.Compromise(second, "op-1,op-2");
        Assert.DoesNotContain(third, new[] { first, second });
        Assert.Equal([first, third], Published(ring));
        Assert.Equal([KeyState.Retired, KeyState.Compromised, KeyState.Signing], ring.Keys.Select(static key => key.State));
        Assert.Equal("op-1,op-2", ring.Keys[1].By);
        Assert.False(File.Exists(Path.Combine(_folder, second + ".pem")));
        Assert.Equal(third, ring.Compromise(second, "op-1,op-2"));
        Assert.Throws<InvalidOperationException>(() => ring.Compromise("unknown"));
    }

    [Fact]
    public async Task Of_rotations_ordered_at_once_through_several_nodes_one_is_made_and_the_others_are_told()
    {
        using var one = Open();
        using var two = Open();
        var rings = new[] { one, two, one, two };
        var outcomes = await Task.WhenAll(
            rings.Select(static ring =>
                Task.Run(() =>
                {
                    try
                    {
                        return ring.Rotate();
                    }
                    catch (InvalidOperationException refused)
                    {
                        return refused.Message;
                    }
                })
            )
        );
        Assert.Single(outcomes, static outcome => !outcome.Contains("one rotation at a time", StringComparison.Ordinal));
        Assert.Equal(2, KeyRing.List(_folder, _options, _clock).Length);
    }

    [Fact]
    public void A_ring_that_slept_past_its_key_s_time_refuses_the_start_until_it_is_rotated()
    {
        using (Open()) { }
        _clock.Ahead = TimeSpan.FromDays(92);
        Assert.Contains("keys rotate --at-once", Assert.Throws<InvalidOperationException>(() => Open()).Message, StringComparison.Ordinal);
        string next;
        using (var ring = KeyRing.OpenForChange(_folder, "secret", _options, _clock))
            next = ring.Rotate(by: "op-1", atOnce: true);
        using var again = Open();
        Assert.Equal(next, again.Signing.KeyId);
    }

    [Fact]
    public void What_a_crash_left_beside_the_ring_changes_nothing_and_the_next_change_removes_it()
    {
        string kid;
        using (var ring = Open())
            kid = ring.Signing.KeyId;
        foreach (var name in new[] { "orphan.pem", "orphan.pem.tmp", "ring.json.tmp" })
            File.WriteAllText(Path.Combine(_folder, name), "cut sh");
        using var again = Open();
        Assert.Equal(kid, again.Signing.KeyId);
        again.Rotate();
        Assert.Equal(2, Directory.GetFiles(_folder, "*.pem*").Length);
        Assert.Equal([KeyState.Signing, KeyState.Announced], KeyRing.List(_folder, _options, _clock).Select(static key => key.State));
    }

    [Fact]
    public void A_restart_finds_the_same_keys_and_a_wrong_passphrase_none()
    {
        string kid;
        using (var ring = Open())
            kid = ring.Signing.KeyId;
        using (var again = Open())
            Assert.Equal(kid, again.Signing.KeyId);
        Assert.ThrowsAny<Exception>(() => Open("another"));
        Assert.ThrowsAny<ArgumentException>(() => Open(""));
    }

    [Fact]
    public void TH_38_A_key_file_is_encrypted_and_its_owner_s_alone_or_the_start_is_refused()
    {
        using (Open()) { }
        var file = Assert.Single(Directory.EnumerateFiles(_folder, "*.pem"));
        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", File.ReadAllText(file), StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(file));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Throws<SecretFileRefused>(() => Open());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Throws<SecretFileRefused>(() => Open());
    }

    [Fact]
    public void A_clock_behind_the_newest_change_refuses_the_start()
    {
        using (var ring = Open())
        {
            _clock.Ahead = TimeSpan.FromHours(1);
            ring.Rotate();
        }
        _clock.Ahead = TimeSpan.Zero;
        Assert.Throws<InvalidOperationException>(() => Open());
    }

    [Fact]
    public async Task Rotation_under_load_drops_no_token()
    {
        using var ring = Open();
        using var stop = new CancellationTokenSource();
        var signed = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var load = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(() =>
                {
                    while (!stop.IsCancellationRequested)
                        signed.Enqueue(TokenComposer.Sign("""{"iss":"i"}""", ring.Signing, "at+jwt"));
                })
            )
            .ToArray();
        for (var day = 1; day <= 5; day++)
        {
            ring.Rotate();
            _clock.Ahead = TimeSpan.FromHours(25 * day);
            await Task.Delay(20);
        }
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(signed.Select(static jwt => (string)Jws.Header(jwt)["kid"]!).Distinct(StringComparer.Ordinal).Count() > 2);
        var last = JoseGuard.Read(signed.Last(), JoseProfile.AccessToken, out _)!;
        Assert.True(await JwsSignature.IsValid(last, ring.PublicKeys));
        Assert.DoesNotContain("\"d\"", Encoding.UTF8.GetString(ring.Jwks.Span), StringComparison.Ordinal);
    }
}
