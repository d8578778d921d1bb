using Admin.CommandLine;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Deployment;

namespace Admin.Tests.CommandLine;

/// <summary>Operators and officers drive the town in one process with what <c>sandbox.json</c> names, sealing in its log through its
/// socket.</summary>
[Trait("Tier", "Whole")]
public sealed class InTheSandboxTest : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Town _town = null!;

    private OperatorPlace Operate => _town.File.Operate!;
    private string[] Log => ["--log", _town.File.Ledger.Directory, "--vkey", _town.File.Ledger.Vkey];
    private string[] Sealed => ["--ledger-socket", _town.File.Ledger.Socket!, "--vkey", _town.File.Ledger.Vkey];
    private string[] Config => ["--config", Operate.Authority];

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 10,
                State = _folder.At("state"),
                Witnesses = 0,
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _town.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_act_of_an_operator_works_and_is_sealed()
    {
        await Did(["suspend", "client", "anss-batch", "--reason", "test", "--by", "operator-1", "--status-file", Operate.Status]);
        await Did(["suspend", "client", "anss-inclusion", "--reason", "test", "--by", "operator-1", .. Config, .. Sealed]);
        var approvals = await Approvals("lift", "client", "anss-inclusion");
        await Did(["lift", "client", "anss-inclusion", "--reason", "test", .. Config, .. Sealed, .. approvals]);
        await Did(["token", "revoke", "some-token", "--by", "operator-1", .. Config, .. Sealed]);
        var certificate = _town.File.Clients.First(static one => one.Id == "anss-batch").Certificate;
        await Did(["certificate", "deny", "--file", certificate, "--reason", "test", .. Config, .. Sealed]);
        await Did(["certificate", "list", .. Config]);
        await Did(["keys", "list", .. Config]);
        await Did(["keys", "rotate", "--by", "operator-1", .. Config]);
        Assert.Contains(await RecordsAsync("\"act\":\"lift\""), static one =>
            one.Contains("operator-1", StringComparison.Ordinal) && one.Contains("operator-2", StringComparison.Ordinal)
        );
        Assert.NotEmpty(await RecordsAsync("\"act\":\"revoke\""));
    }

    [Fact]
    public async Task The_log_is_read_verified_proved_and_exported()
    {
        await _town.TokenFor("anss-eligibility");
        await RecordsAsync("\"ev\":\"token\"");
        await Did(["ledger", "verify", .. Log]);
        await Did(["ledger", "prove", "1", .. Log]);
        await Did(["ledger", "status", "--index", Operate.Index, .. Log]);
        await Did(["ledger", "export", "--record", "1", "--out", _folder.At("pack.zip"), .. Log, .. await Officer("ledger", "export")]);
        Assert.True(File.Exists(_folder.At("pack.zip")));
        Assert.NotEmpty(await RecordsAsync("\"ev\":\"officer.export\""));
    }

    private static async Task Did(params string[] words) => (await Ctl.Run(words)).Ended(Exit.Ok);

    private async Task<string[]> Approvals(string act, string kind, string id)
    {
        foreach (var who in new[] { "operator-1", "operator-2" })
            await Did(["approve", act, kind, id, "--operator", who, "--key", Operate.Keys[who], "--out", _folder.At(who)]);
        return ["--operators", Operate.Operators, "--approval", _folder.At("operator-1"), "--approval", _folder.At("operator-2")];
    }

    // Commands that read for an officer take the officer's key where they know that option.
    private async Task<string[]> Officer(params string[] command)
    {
        string[] words =
        [
            "--officer",
            "officer-1",
            "--reason",
            "complaint of a person",
            "--texts",
            Operate.Texts,
            "--ledger-socket",
            _town.File.Ledger.Socket!,
        ];
        var help = (await Ctl.Run([.. command, "--help"])).Out;
        return help.Contains("--officer-key", StringComparison.Ordinal)
            ? [.. words, "--officer-key", Operate.Keys["officer-1"], "--operators", Operate.Operators]
            : words;
    }

    private async Task<string[]> RecordsAsync(string with)
    {
        while (true)
        {
            string[] found =
            [
                .. LogReader
                    .Open(_town.File.Ledger.Directory, TrustPolicy.Of(VerifierKey.Parse(_town.File.Ledger.Vkey)))
                    .Entries()
                    .Select(static entry => System.Text.Encoding.UTF8.GetString(entry.Text.Span))
                    .Where(record => record.Contains(with, StringComparison.Ordinal)),
            ];
            if (found.Length > 0)
                return found;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
