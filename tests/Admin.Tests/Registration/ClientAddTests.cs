using Admin.CommandLine;
using Agreements.Loading;
using Policy.Tests.Matrix;

namespace Admin.Tests.Registration;

/// <summary><c>client add</c> says that a system is registered only when the whole of the contracts loads with it.</summary>
public sealed class ClientAddTests : IDisposable
{
    private const string Client = "anss-newcomer";
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _partner = new();

    private string Institution => _law.At("institutions/anss.yaml");

    private string KeyFile => _law.At($"institutions/{Client}.jwks.json");

    public void Dispose()
    {
        _law.Dispose();
        _partner.Dispose();
    }

    [Theory]
    [InlineData("fr", "est inscrit ; l’ensemble des conventions se charge")]
    [InlineData("ar", "تم تسجيل")]
    [InlineData("en", "is registered, and the whole of the contracts loads")]
    public async Task A_registration_after_which_the_contracts_load_is_told(string language, string words)
    {
        var outcome = (await Add(language)).Ended(Exit.Ok);
        Assert.Contains("✓", outcome.Out, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Out.Replace('\u202F', ' '), StringComparison.Ordinal);
        Assert.True(RegistryLoader.Load(_law.Folder, LawFiles.Clock).Registry!.Clients.ContainsKey(Client));
    }

    [Fact]
    public async Task Who_is_registered_and_granted_nothing_is_told_so()
    {
        Assert.Contains("No agreement lets it look anything up today.", (await Add("en")).Ended(Exit.Ok).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_contracts_did_not_load_before_nothing_is_written_and_nothing_is_told_to_be_done()
    {
        await File.AppendAllTextAsync(_law.At("institutions/cnss.yaml"), "\nunheard-of: 1\n", TestContext.Current.CancellationToken);
        var before = await File.ReadAllTextAsync(Institution, TestContext.Current.CancellationToken);
        var outcome = (await Add("ar")).Ended(Exit.Wrong);
        Assert.DoesNotContain("✓", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("لم تتم كتابة أي شيء", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("institutions/cnss.yaml", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Institution, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public async Task What_was_written_before_something_failed_is_taken_back()
    {
        // The key file is written first; where the new institution file would be prepared stands something else.
        Directory.CreateDirectory(_law.At("institutions/.anss.yaml.new"));
        var outcome = (await Add("fr")).Ended(Exit.Usage);
        Assert.Contains("est refusé à cet utilisateur", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile));
        Assert.NotNull(RegistryLoader.Load(_law.Folder, LawFiles.Clock).Registry);
    }

    private async Task<Outcome> Add(string language)
    {
        (await Ctl.Run("client", "new", Client, "--out", _partner.Path, "--lang", language)).Ended(Exit.Ok);
        using StringWriter output = new(),
            error = new();
        string[] args =
        [
            "client",
            "add",
            "--institution",
            "anss",
            "--fragment",
            _partner.At(Client + ".client.yaml"),
            "--jwks",
            _partner.At(Client + ".jwks.json"),
            "--contracts",
            _law.Folder,
            "--lang",
            language,
        ];
        return Ctl.Spoken(args, new(await GatewayCtl.Run(args, output, error, LawFiles.Clock), output.ToString(), error.ToString()));
    }
}
