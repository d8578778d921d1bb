using Admin.CommandLine;
using Policy.Tests.Matrix;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.Tests.CommandLine;

/// <summary>A stop or a lift of an id that nothing has changes nothing, and is not told to have been done.</summary>
public sealed class StopsOfKnownIdsTests : IDisposable
{
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _folder = new();
    private readonly string _status;

    public StopsOfKnownIdsTests()
    {
        _status = _folder.At("status.db");
        Open().Dispose();
    }

    public void Dispose()
    {
        _law.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("fr", "client", "anss-bach", "Rien n’a été arrêté")]
    [InlineData("ar", "client", "anss-bach", "لم يتم تعليق أي شيء")]
    [InlineData("en", "client", "anss-bach", "Near identifiers: anss-batch")]
    [InlineData("fr", "institution", "mensp", "Identifiants proches")]
    [InlineData("fr", "agreement", "ANSS-MENPS-2026-1", "Identifiants proches")]
    [InlineData("fr", "issuer", "https://nobody.example", "Rien n’a été arrêté")]
    public async Task An_id_that_the_contracts_do_not_name_is_not_suspended(string language, string kind, string id, string sentence)
    {
        var outcome = (
            await Ctl.Run(
                "suspend",
                kind,
                id,
                "--reason",
                "key-leak",
                "--status-file",
                _status,
                "--contracts",
                _law.Folder,
                "--lang",
                language
            )
        ).Ended(Exit.Usage);
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("✓", outcome.Out, StringComparison.Ordinal);
        using var status = Open();
        Assert.Empty(status.Current.Suspensions);
    }

    [Fact]
    public async Task A_known_id_is_suspended_and_without_contracts_any_is_with_a_warning()
    {
        Assert.DoesNotContain(
            "comparé",
            (await Ctl.Run("suspend", "client", "anss-batch", "--reason", "key-leak", "--status-file", _status, "--contracts", _law.Folder))
                .Ended(Exit.Ok)
                .Out,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "! L’identifiant n’a été comparé à aucune convention",
            (await Ctl.Run("suspend", "client", "anss-other", "--reason", "key-leak", "--status-file", _status)).Ended(Exit.Ok).Out,
            StringComparison.Ordinal
        );
        await File.WriteAllTextAsync(_law.At("purposes.yaml"), "not: [yaml", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_law.At("institutions/anss.yaml"), "not: [yaml", TestContext.Current.CancellationToken);
        Assert.Contains(
            "! L’identifiant n’a été comparé à aucune convention",
            (await Ctl.Run("suspend", "client", "anss-third", "--reason", "key-leak", "--status-file", _status, "--contracts", _law.Folder))
                .Ended(Exit.Ok)
                .Out,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("fr", "Rien à lever")]
    [InlineData("ar", "لا شيء لرفع تعليقه")]
    [InlineData("en", "Near identifiers that are: anss-batch")]
    public async Task What_is_not_stopped_is_not_lifted(string language, string sentence)
    {
        (
            await Ctl.Run(
                "suspend",
                "client",
                "anss-batch",
                "--reason",
                "key-leak",
                "--status-file",
                _status,
                "--contracts",
                _law.Folder,
                "--lang",
                language
            )
        ).Ended(Exit.Ok);
        var outcome = (
            await Ctl.Run("lift", "client", "anss-bach", "--reason", "resolved", "--status-file", _status, "--lang", language)
        ).Ended(Exit.Wrong);
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_that_a_refusal_asks_for_can_be_given_as_it_stands()
    {
        var denied = (
            await Ctl.Run(
                "certificate",
                "deny",
                "--issuer",
                "CN=Partner CA,O=ANSS,C=MA",
                "--serial",
                "0ABCD1",
                "--reason",
                "key-leak",
                "--status-file",
                _status,
                "--json"
            )
        ).Ended(Exit.Ok);
        var id = (string)denied.Json["id"]!;
        var outcome = (
            await Ctl.Run(
                "lift",
                "certificate",
                id,
                "--reason",
                "resolved",
                "--status-file",
                _status,
                "--operators",
                _folder.Write("operators", "")
            )
        ).Ended(Exit.Wrong);
        Assert.Contains($"gatewayctl approve lift certificate '{id}' --operator", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("op_1")]
    [InlineData("op 1")]
    [InlineData("")]
    [InlineData("an-operator-whose-id-has-more-than-32-letters")]
    public async Task An_operator_s_id_that_nothing_takes_gets_no_key_and_stands_in_no_record(string id)
    {
        (await Ctl.Run("operator", "new", id, "--out", _folder.Path)).Ended(Exit.Usage);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.key"));
        (await Ctl.Run("suspend", "client", "anss-batch", "--reason", "key-leak", "--by", id, "--status-file", _status)).Ended(Exit.Usage);
        (await Ctl.Run("approve", "lift", "client", "anss-batch", "--operator", id, "--key", "k", "--out", _folder.At("o"))).Ended(
            Exit.Usage
        );
    }

    [Fact]
    public async Task An_operator_s_id_that_is_made_is_taken_by_approvals_of_acts_and_of_contracts()
    {
        const string id = "Op-1-of-Rabat";
        (await Ctl.Run("operator", "new", id, "--out", _folder.Path)).Ended(Exit.Ok);
        var key = _folder.At(id + ".key");
        (await Ctl.Run("approve", "lift", "client", "anss-batch", "--operator", id, "--key", key, "--out", _folder.At("approval"))).Ended(
            Exit.Ok
        );
        (await Ctl.Run("contracts", "approve", "--operator", id, "--key", key, "--contracts", _law.Folder)).Ended(Exit.Ok);
    }

    [Theory]
    [InlineData("client anss-batch", "Rien dans ce répertoire ne dit")]
    [InlineData("client anss-bach", "Identifiants proches")]
    [InlineData("client nobody-at-all", "ne figure pas dans ces conventions")]
    public async Task A_lift_of_what_the_folder_does_not_show_as_stopped_is_warned_about(string lift, string words)
    {
        (await Ctl.Run("operator", "new", "op-1", "--out", _folder.Path)).Ended(Exit.Ok);
        var outcome = (
            await Ctl.Run(
                "contracts",
                "approve",
                "--operator",
                "op-1",
                "--key",
                _folder.At("op-1.key"),
                "--contracts",
                _law.Folder,
                "--lift",
                lift
            )
        ).Ended(Exit.Ok);
        Assert.Contains("! ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Out, StringComparison.Ordinal);
    }

    private ITokenStatus Open() => StatusStore.Open(new StoreSettings { File = _status }, TimeProvider.System);
}
