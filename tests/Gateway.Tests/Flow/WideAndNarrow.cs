using System.Collections.Immutable;
using Agreements;
using Agreements.Loading;
using Sandbox;
using Sandbox.Deployment;

namespace Gateway.Tests.Flow;

/// <summary>Two sets of contracts for one town, both signed: one releases when a child was enrolled, the other does not.</summary>
internal static class WideAndNarrow
{
    public static readonly string[] WideFields = ["enrolment.schoolYear", "enrolment.since", "enrolment.status"],
        NarrowFields = ["enrolment.schoolYear", "enrolment.status"];

    private const string Release = "release: [enrolment.status, enrolment.schoolYear, enrolment.since]",
        Less = "release: [enrolment.status, enrolment.schoolYear]";

    /// <summary>Snapshots of the wide set: so many objects of one content.</summary>
    public static ImmutableArray<Registry> Wide(Town town, int times = 1) => Of(town, "wide", times, static text => text);

    /// <summary>Snapshots of the narrow set.</summary>
    public static ImmutableArray<Registry> Narrow(Town town, int times = 1) =>
        Of(town, "narrow", times, static text => text.Replace(Release, Less, StringComparison.Ordinal));

    private static ImmutableArray<Registry> Of(Town town, string name, int times, Func<string, string> edit)
    {
        var folder = town.State.Folder(name);
        foreach (var path in Directory.EnumerateFiles(town.Contracts.Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(town.Contracts.Folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        // A comment tells the sets apart even where the text stays.
        var agreement = Directory.GetFiles(Path.Combine(folder, "agreements"), "ANSS-MENPS-2026*").Single();
        File.WriteAllText(agreement, $"# {name}\n" + edit(File.ReadAllText(agreement)));
        using (var signer = new AgreementSigner(folder, town.Keys, town.Calendar.Today))
            signer.SignAll();
        var loads = Enumerable.Range(0, times).Select(_ => RegistryLoader.Load(folder, TimeProvider.System));
        return [.. loads.Select(static load => load.Registry ?? throw new InvalidDataException(string.Join('\n', load.Errors)))];
    }
}
