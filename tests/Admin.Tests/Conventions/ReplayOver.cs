using System.Globalization;
using System.Text.Json;
using Admin.Conventions;
using Policy.Tests.Matrix;
using static Admin.Tests.Conventions.PastRecord;

namespace Admin.Tests.Conventions;

/// <summary>Runs a change of the convention with the education ministry over past calls.</summary>
public abstract class ReplayOver : IDisposable
{
    private protected const string Unsaid = "cannot-be-told";
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _law.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static string First(string text, string what, string with)
    {
        var at = text.IndexOf(what, StringComparison.Ordinal);
        Assert.True(at >= 0, what);
        return text[..at] + with + text[(at + what.Length)..];
    }

    /// <summary>Effect and cause of each call, in order.</summary>
    private protected IEnumerable<string> Over(Func<string, string> edit, params string[] records)
    {
        var replay = Run(edit, records);
        return replay
            .Outcomes.SelectMany(static effect =>
                effect.Value.SelectMany(cause =>
                    cause.Value.Positions.Select(position =>
                        (Index: int.Parse(position.Split(':')[1], CultureInfo.InvariantCulture), Said: $"{effect.Key} {cause.Key}")
                    )
                )
            )
            .OrderBy(static one => one.Index)
            .Select(static one => one.Said);
    }

    /// <summary>What is in force before the draft.</summary>
    private protected void InForce(Func<string, string> edit)
    {
        var text = edit(_law.Text(Id));
        _law.WriteSigned(Id, text, LawFiles.PartiesOf(text));
    }

    private protected Replay Run(Func<string, string> edit, params string[] records)
    {
        var text = edit(_law.Text(Id)).Replace("version: 3\nreplaces: 2", "version: 4\nreplaces: 3", StringComparison.Ordinal);
        var draft = Draft.Read(_folder.Write("draft.yaml", text), _law.Folder, LawFiles.Clock);
        var replay = new Replay(draft.Registry, draft.Agreement, draft.InForce, LawFiles.Clock.GetUtcNow().AddDays(-30));
        foreach (var (index, record) in records.Index())
        {
            using var document = JsonDocument.Parse(record);
            replay.Add(PastCall.Read("n1", index, document.RootElement)!);
        }

        return replay;
    }
}
