using Admin.CommandLine;
using Agreements;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Policy.Tests.Matrix;

namespace Admin.Tests.Conventions;

/// <summary><c>gatewayctl contracts</c>, and <c>agreement check</c> with the book that a program keeps of the law.</summary>
public sealed class ContractsCommandsTests : IAsyncLifetime, IDisposable
{
    private const string Id = "ANSS-ANAPEC-2026-01";
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _folder = new();
    private string _operators = "";

    public async ValueTask InitializeAsync()
    {
        var lines = new List<string>();
        foreach (var id in (string[])["op-1", "op-2"])
        {
            var made = await Run("operator", "new", id, "--out", Directory.CreateDirectory(_folder.At(id)).FullName, "--json");
            lines.Add((string)made.Ended(0).Json["line"]!);
        }
        _operators = _folder.Write("operators", string.Join('\n', lines));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _law.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_operators_make_a_set_law()
    {
        (await Status()).Ended(1);
        await Approve("op-1");
        (await Status()).Ended(1);
        await Approve("op-2");
        (await Status()).Ended(0);
        await File.AppendAllTextAsync(_law.At("reference/areas.yaml"), "# changed\n", TestContext.Current.CancellationToken);
        Assert.Contains("the approvals are of another set of files", (await Status()).Ended(1).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_that_was_put_back_with_its_approvals_is_law_again_with_higher_ones()
    {
        await ApproveByBoth();
        IsLaw();
        var (areas, approvals) = (await Read("reference/areas.yaml"), await Read("approvals.yaml"));
        await Write("reference/areas.yaml", areas + "# changed\n");
        await ApproveByBoth();
        IsLaw();
        await Write("reference/areas.yaml", areas);
        await Write("approvals.yaml", approvals);
        var said = (await Status()).Ended(1).Out;
        Assert.Contains("approval 1 was replaced: approval 2 has been in force here", said, StringComparison.Ordinal);
        Assert.Contains("contracts approve --after 2", said, StringComparison.Ordinal);
        await ApproveByBoth(); // the same set needs no other number, as far as the folder tells
        (await Status()).Ended(1);
        await Approve("op-1", "--after", "2");
        Assert.Contains("approvals of two operators are needed, and there is 1", (await Status()).Ended(1).Out, StringComparison.Ordinal);
        Assert.Equal((3, 2), await Approve("op-2", "--after", "2"));
        (await Status()).Ended(0);
        Assert.Equal((3, 2), await Approve("op-1", "--after", "2")); // once more changes nothing
        Assert.Equal((3, 2), await Approve("op-1"));
        (await Status()).Ended(0);
        IsLaw();
    }

    [Fact]
    public async Task What_was_stopped_after_the_approvals_goes_on_when_both_name_it()
    {
        await ApproveByBoth();
        IsLaw();
        var stops = await Read("suspensions.yaml");
        await Write("suspensions.yaml", stops + "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n");
        IsLaw();
        (await Run("contracts", "approve", "--operator", "op-1", "--key", Key("op-1"), "--lift", "client anss-batch")).Ended(1);
        (await Run("contracts", "approve", "--operator", "op-1", "--key", Key("op-1"), "--lift", "client\"")).Ended(2);
        await Write("suspensions.yaml", stops);
        Assert.Contains("contracts approve --lift \"client anss-batch\"", (await Status()).Ended(1).Out, StringComparison.Ordinal);
        Assert.Equal((2, 1), await Approve("op-1", "--lift", "client anss-batch"));
        Assert.Equal((2, 2), await Approve("op-2"));
        (await Status()).Ended(0);
        IsLaw();
        await Write("suspensions.yaml", stops + "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-02 }\n");
        IsLaw();
        await Write("suspensions.yaml", stops);
        (await Status()).Ended(1); // what those approvals lifted is stopped again
        Assert.Equal((3, 1), await Approve("op-1", "--lift", "client anss-batch"));
        Assert.Equal((3, 2), await Approve("op-2", "--lift", "client anss-batch"));
        (await Status()).Ended(0);
        IsLaw();
    }

    [Fact]
    public async Task Check_and_status_refuse_what_a_program_that_remembers_would_refuse()
    {
        await ApproveByBoth();
        IsLaw();
        var other = _law.Text(Id).Replace("perDay: 200000", "perDay: 200001", StringComparison.Ordinal);
        _law.WriteSigned(Id, other, LawFiles.PartiesOf(other));
        const string Another = "version 1 has been law here with another text";
        var book = _folder.At("law-book.json");
        Assert.Contains(
            Another,
            (await Run("agreement", "check", "--law-book", book, "--lang", "en")).Ended(1).Out,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "la version 1 a été en vigueur ici avec un autre texte",
            (await Run("agreement", "check", "--law-book", book)).Ended(1).Out,
            StringComparison.Ordinal
        );
        Assert.Contains(Another, (await Status()).Ended(1).Out, StringComparison.Ordinal);
        var draft = _folder.Write("draft.yaml", _law.Text(Id));
        Assert.Contains(
            Another,
            (await Run("agreement", "check", draft, "--law-book", book, "--lang", "en")).Ended(1).Out,
            StringComparison.Ordinal
        );
        (string, string)[] said = [("fr", "Pas de comparaison"), ("ar", "لم تتم المقارنة"), ("en", "Not compared")];
        foreach (var (language, words) in said)
            Assert.Contains(words, (await Run("agreement", "check", "--lang", language)).Ended(0).Out, StringComparison.Ordinal);
        (await Run("agreement", "check", "--law-book", _folder.At("nothing.json"))).Ended(2);
        (await Run("agreement", "check", "--law-book", _folder.Write("nonsense.json", "{}"))).Ended(2);
    }

    // What a program does that takes the folder for law.
    private void IsLaw()
    {
        var kept = _folder.At("law-book.json");
        var book = LawBook.Open(File.Exists(kept) ? File.ReadAllText(kept) : null, text => File.WriteAllText(kept, text));
        Assert.NotNull(RegistryLoader.Load(_law.Folder, LawFiles.Clock, OperatorSet.FromFile(_operators), book).Registry);
    }

    private async Task ApproveByBoth()
    {
        await Approve("op-1");
        await Approve("op-2");
    }

    private async Task<(int Number, int Approvals)> Approve(string id, params string[] more)
    {
        var said = (await Run(["contracts", "approve", "--operator", id, "--key", Key(id), "--json", .. more])).Ended(0).Json;
        return ((int)said["number"]!, (int)said["approvals"]!);
    }

    private Task<Outcome> Status()
    {
        string[] book = File.Exists(_folder.At("law-book.json")) ? ["--law-book", _folder.At("law-book.json")] : [];
        return Run(["contracts", "status", "--operators", _operators, "--lang", "en", .. book]);
    }

    private string Key(string id) => _folder.At($"{id}/{id}.key");

    private Task<string> Read(string path) => File.ReadAllTextAsync(_law.At(path), TestContext.Current.CancellationToken);

    private Task Write(string path, string text) => File.WriteAllTextAsync(_law.At(path), text, TestContext.Current.CancellationToken);

    private async Task<Outcome> Run(params string[] args)
    {
        using StringWriter output = new(),
            error = new();
        var exit = await GatewayCtl.Run(args[0] is "operator" ? args : [.. args, "--contracts", _law.Folder], output, error, LawFiles.Clock);
        return Ctl.Spoken(args, new(exit, output.ToString(), error.ToString()));
    }
}
