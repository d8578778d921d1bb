using System.Globalization;
using Agreements.Signatures;
using Sandbox;

namespace Benchmarks.Policy;

/// <summary>A town's contracts with many more agreements, and changes of them that are signed before they are needed.</summary>
internal sealed class ManyAgreements
{
    private readonly Town _town;
    private readonly string _text;
    private readonly int _count;
    private string _staged = "";
    private int _change;

    private ManyAgreements(Town town, string folder, string text, int count) =>
        (_town, Folder, _text, _count) = (town, folder, text, count);

    /// <summary>Contracts folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// Copies the town's contracts and adds the school agreement under other ids, without the legs that lead to other agreements.
    /// </summary>
    public static ManyAgreements Write(Town town, string folder, int count)
    {
        Copy(town.Contracts.Folder, folder);
        var school = File.ReadLines(Path.Combine(folder, "agreements", "ANSS-MENPS-2026-01.yaml"))
            .Where(static line => !line.Contains("under: ", StringComparison.Ordinal));
        var many = new ManyAgreements(town, folder, string.Join('\n', school) + "\n", count);
        many.Sign(Path.Combine(folder, "agreements"), count);
        return many;
    }

    /// <summary>Signs the next text of all of them, beside the folder.</summary>
    public void Prepare()
    {
        if (_staged.Length > 0)
            return;
        _change++;
        _staged = Folder + ".next";
        Copy(_town.Contracts.Folder + "/agreements", _staged);
        Sign(_staged, _count);
    }

    /// <summary>The first of them gets its next text.</summary>
    public void ChangeOne()
    {
        File.Copy(Path.Combine(_staged, Id(0) + ".yaml"), Path.Combine(Folder, "agreements", Id(0) + ".new"));
        File.Move(Path.Combine(Folder, "agreements", Id(0) + ".new"), Path.Combine(Folder, "agreements", Id(0) + ".yaml"), overwrite: true);
    }

    /// <summary>All of them get their next text, by one rename of their folder.</summary>
    public void ChangeAll()
    {
        var (agreements, last) = (Path.Combine(Folder, "agreements"), Folder + ".last");
        Directory.Move(agreements, last);
        Directory.Move(_staged, agreements);
        Directory.Delete(last, recursive: true);
        _staged = "";
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"ANSS-B{number:00000}-2026-01");

    private static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
        }
    }

    private void Sign(string target, int count)
    {
        using var agency = _town.Keys.Load("anss-sign-2026");
        using var ministry = _town.Keys.Load("menps-sign-2026");
        Signer[] signers =
        [
            new("anss", "legal representative", _town.Calendar.Today, "anss-sign-2026", agency),
            new("menps", "legal representative", _town.Calendar.Today, "menps-sign-2026", ministry),
        ];
        for (var i = 0; i < count; i++)
        {
            var path = Path.Combine(target, Id(i) + ".yaml");
            File.WriteAllText(
                path,
                AgreementSignature.Append(
                    $"# text {_change}\n" + _text.Replace("ANSS-MENPS-2026-01", Id(i), StringComparison.Ordinal),
                    signers
                )
            );
            // Files of the last two seconds are read at every look, which a deployment does not do for ever.
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1).AddSeconds(_change));
        }
    }
}
