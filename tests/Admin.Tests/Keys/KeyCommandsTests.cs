using System.Diagnostics;
using Admin.CommandLine;
using Authority.Keys;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.Tests.Keys;

/// <summary>The ring as an operator turns it: beside running nodes, by two persons where one must not, and through crashes.</summary>
[Trait("Tier", "Whole")]
public sealed class KeyCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _ring;
    private readonly string _passphrase;
    private readonly string _status;

    public KeyCommandsTests()
    {
        (_ring, _status) = (_folder.At("keys"), _folder.At("status.db"));
        _passphrase = _folder.Write("passphrase", "for this test only\n");
        Open().Dispose();
        StatusStore.Open(new StoreSettings { File = _status }, TimeProvider.System).Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private KeyRing Open() =>
        KeyRing.Open(_ring, "for this test only", new KeyRingOptions { LookEvery = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);

    private string[] Keys(params string[] command) => ["keys", .. command, "--ring", _ring, "--passphrase-file", _passphrase, "--json"];

    private Task<Outcome> List() => Ctl.Run("keys", "list", "--ring", _ring, "--json");

    private async Task<string[]> Approvals(string act, string kind, string id)
    {
        var operators = "";
        foreach (var name in new[] { "op-1", "op-2", "op-3" })
        {
            if (!File.Exists(_folder.At(name + ".key")))
                operators +=
                    (string?)(await Ctl.Run("operator", "new", name, "--out", _folder.Path, "--json")).Ended(0).Json["line"] + "\n";
            (
                await Ctl.Run(
                    "approve",
                    act,
                    kind,
                    id,
                    "--operator",
                    name,
                    "--key",
                    _folder.At(name + ".key"),
                    "--out",
                    _folder.At(name + ".approval")
                )
            ).Ended(0);
        }
        if (operators.Length > 0)
            _folder.Write("operators", operators);
        return
        [
            "--operators",
            _folder.At("operators"),
            "--approval",
            _folder.At("op-1.approval"),
            "--approval",
            _folder.At("op-2.approval"),
        ];
    }

    [Fact]
    public async Task A_rotation_is_announced_once_and_seen_by_a_running_node()
    {
        using var node = Open();
        var kid = (string?)(await Ctl.Run(Keys("rotate", "--by", "op-1"))).Ended(0).Json["kid"];
        Assert.True(SpinWait.SpinUntil(() => node.Keys.Any(key => key.Kid == kid && key.By == "op-1"), TimeSpan.FromSeconds(20)));
        var second = (await Ctl.English(Keys("rotate"))).Ended(1);
        Assert.Contains("one rotation at a time", second.Error, StringComparison.Ordinal);
        Assert.Equal(["Signing", "Announced"], (await List()).Ended(0).Json.AsArray().Select(static key => (string)key!["state"]!));
    }

    [Fact]
    public async Task Taking_a_key_out_takes_two_operators_and_stops_it_in_the_ring_and_on_the_status_list()
    {
        using var node = Open();
        var kid = node.Signing.KeyId;
        string[] command = [.. Keys("compromise", kid), "--status-file", _status];
        var approvals = await Approvals("compromise", "key", kid);
        Assert.Contains(
            "two operators, and there is 1",
            (await Ctl.English([.. command, .. approvals[..4]])).Ended(1).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "there is 1",
            (await Ctl.English([.. command, .. approvals[..4], "--approval", approvals[3]])).Ended(1).Error,
            StringComparison.Ordinal
        );
        Assert.Equal(kid, node.Signing.KeyId);
        (await Ctl.Run([.. command, .. approvals])).Ended(0);
        Assert.True(SpinWait.SpinUntil(() => node.Signing.KeyId != kid, TimeSpan.FromSeconds(20)));
        using var status = StatusStore.Open(new StoreSettings { File = _status }, TimeProvider.System);
        Assert.True(status.Current.IsKeyDenied(kid));
        Assert.Equal("op-1,op-2", node.Keys.Single(key => key.Kid == kid).By);
    }

    [Fact]
    public async Task An_approval_holds_for_its_own_act_and_its_own_key_alone()
    {
        using (var node = Open())
        {
            var kid = node.Signing.KeyId;
            var approvals = await Approvals("compromise", "key", "another");
            Assert.Contains(
                "for another act",
                (await Ctl.English([.. Keys("compromise", kid), "--status-file", _status, .. approvals])).Ended(1).Error,
                StringComparison.Ordinal
            );
            (
                await Ctl.Run(
                    "approve",
                    "compromise",
                    "key",
                    kid,
                    "--operator",
                    "op-2",
                    "--key",
                    _folder.At("op-1.key"),
                    "--out",
                    _folder.At("op-2.approval")
                )
            ).Ended(0);
            (
                await Ctl.Run(
                    "approve",
                    "compromise",
                    "key",
                    kid,
                    "--operator",
                    "op-1",
                    "--key",
                    _folder.At("op-1.key"),
                    "--out",
                    _folder.At("op-1.approval")
                )
            ).Ended(0);
            Assert.Contains(
                "not signed by an operator's key",
                (await Ctl.English([.. Keys("compromise", kid), "--status-file", _status, .. approvals])).Ended(1).Error,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Stopping_takes_one_and_letting_go_on_takes_two()
    {
        (await Ctl.Run("suspend", "client", "anss-batch", "--reason", "key-leak", "--by", "op-1", "--status-file", _status)).Ended(0);
        (await Ctl.Run("token", "revoke", "some-jti", "--status-file", _status)).Ended(0);
        bool IsStopped()
        {
            using var status = StatusStore.Open(new StoreSettings { File = _status }, TimeProvider.System);
            Assert.True(status.Current.IsRevoked("some-jti"));
            return status.Current.IsSuspended(StoppedKind.Client, "anss-batch");
        }
        Assert.True(IsStopped());
        string[] lift = ["lift", "client", "anss-batch", "--reason", "resolved", "--status-file", _status];
        var approvals = await Approvals("lift", "client", "anss-batch");
        (await Ctl.Run([.. lift, .. approvals[..4]])).Ended(1);
        Assert.True(IsStopped());
        (await Ctl.Run([.. lift, .. approvals])).Ended(0);
        Assert.False(IsStopped());
    }

    [Fact]
    public async Task A_wrong_folder_passphrase_or_reason_is_said_and_nothing_is_made()
    {
        (await Ctl.Run("keys", "list", "--ring", _folder.At("nowhere"))).Ended(Exit.Usage);
        Assert.False(Directory.Exists(_folder.At("nowhere")));
        (await Ctl.Run("keys", "rotate", "--ring", _ring, "--passphrase-file", _folder.Write("wrong", "another"))).Ended(Exit.Usage);
        (await Ctl.Run("suspend", "client", "x", "--reason", "Mr Somebody", "--status-file", _status)).Ended(Exit.Usage);
        (await Ctl.Run("suspend", "client", "x", "--reason", "leak", "--status-file", _folder.At("none.db"))).Ended(Exit.Usage);
        Assert.False(File.Exists(_folder.At("none.db")));
        (await Ctl.Run("keys", "turn")).Ended(Exit.Usage);
    }

    /// <summary>
    /// The program dies in the n-th rename or sync of a rotation: the ring before or after it, never a mix, and the next rotation goes
    /// through.
    /// </summary>
    [Theory]
    [InlineData("rename", 1)]
    [InlineData("rename", 2)]
    [InlineData("fdatasync", 1)]
    [InlineData("fdatasync", 2)]
    [InlineData("fsync", 1)]
    [InlineData("fsync", 2)]
    public async Task A_kill_in_the_middle_of_a_rotation_leaves_the_old_ring_or_the_new_one(string call, int n)
    {
        RequireStrace();
        var tool = Path.Combine(AppContext.BaseDirectory, "gatewayctl.dll");
        var start = new ProcessStartInfo("strace")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // rename and sync of this folder alone: the runtime renames and syncs nothing else on its way.
        foreach (
            var argument in (string[])
                [
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    $"trace={call}",
                    "-e",
                    $"inject={call}:signal=SIGKILL:when={n}",
                    "dotnet",
                    tool,
                    .. Keys("rotate"),
                ]
        )
            start.ArgumentList.Add(argument);
        using (var process = Process.Start(start)!)
        {
            await process.WaitForExitAsync();
            Assert.Equal(137, process.ExitCode);
        }
        string signing;
        int known;
        using (var node = Open())
            (signing, known) = (node.Signing.KeyId, node.Keys.Length);
        Assert.InRange(known, 1, 2);
        var again = await Ctl.Run(Keys("rotate"));
        Assert.Equal(known == 1 ? 0 : 1, again.Exit);
        using var after = Open();
        Assert.Equal((signing, 2), (after.Signing.KeyId, after.Keys.Length));
        Assert.Equal(2, Directory.GetFiles(_ring, "*.pem").Length);
    }

    private static void RequireStrace()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            return;
        try
        {
            using var found = Process.Start(
                new ProcessStartInfo("strace", "-V") { UseShellExecute = false, RedirectStandardOutput = true }
            );
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("strace is not installed (apt-get install strace)");
        }
    }
}
