using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Agreements;
using Agreements.Loading;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// The contracts of a town in its state folder: a copy of <c>contracts/</c> with this year's dates, the stand-ins' real
/// addresses, the town's public keys, and valid signatures. What a newcomer edits there stays until the sources or the
/// ports change.
/// </summary>
public sealed class DeployedContracts
{
    /// <summary>File of the state folder that remembers what was law in the town.</summary>
    internal const string LawBook = "law-book.json";

    private const string Mark = ".deployed";

    private DeployedContracts(string folder, Registry registry, ImmutableArray<LoadError> warnings) => (Folder, Registry, Warnings) = (folder, registry, warnings);

    /// <summary>Folder that the authority and the gateway read and watch.</summary>
    public string Folder { get; }
    /// <summary>What it says.</summary>
    public Registry Registry { get; }
    /// <summary>What somebody should look at.</summary>
    public ImmutableArray<LoadError> Warnings { get; }

    /// <summary>Deploys.</summary>
    /// <param name="plan">What to deploy where.</param>
    /// <param name="state">Folder of the town.</param>
    /// <param name="clock">Time.</param>
    /// <exception cref="InvalidDataException">The result does not load; the message lists every error.</exception>
    public static DeployedContracts Deploy(DeploymentPlan plan, StateFolder state, TimeProvider clock)
    {
        var calendar = new SchoolCalendar(clock);
        var folder = state.At("contracts");
        var keys = new SigningKeys(state);
        var mark = plan.Digest(calendar);
        if (!File.Exists(Path.Combine(folder, Mark)) || File.ReadAllText(Path.Combine(folder, Mark)) != mark)
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            // Another copy is another town: what was law in the one before binds it to nothing.
            File.Delete(state.At(LawBook));
            Copy(plan, folder, calendar);
            // Last, so that a copy cut short by a crash is made again.
            File.WriteAllText(Path.Combine(folder, Mark), mark);
        }
        WriteKeys(folder, keys);
        using (var notary = new Notary(folder, keys, calendar.Today)) notary.SignAll();
        var load = RegistryLoader.Load(folder, clock);
        if (load.Registry is null) throw new InvalidDataException("The contracts do not load:\n" + string.Join('\n', load.Errors));
        return new DeployedContracts(folder, load.Registry, load.Errors);
    }

    private static void Copy(DeploymentPlan plan, string folder, SchoolCalendar calendar)
    {
        foreach (var path in Directory.EnumerateFiles(plan.Source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(plan.Source, path);
            var target = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetExtension(path) != ".yaml") File.Copy(path, target, overwrite: true);
            else File.WriteAllText(target, Adapt(plan, relative.Replace('\\', '/'), File.ReadAllText(path), calendar));
        }
    }

    private static string Adapt(DeploymentPlan plan, string relative, string text, SchoolCalendar calendar)
    {
        if (relative.StartsWith("agreements/", StringComparison.Ordinal) || relative.StartsWith("former/", StringComparison.Ordinal))
        {
            text = ContractText.MoveYears(text, calendar.Shift);
            return plan.KeepsQuotas ? text : ContractText.LiftQuotas(text);
        }
        if (relative.StartsWith("institutions/", StringComparison.Ordinal))
        {
            text = ContractText.OpenSeason(ContractText.MoveYears(text, calendar.Shift), calendar.Today);
            if (plan.Providers.TryGetValue(Path.GetFileNameWithoutExtension(relative), out var address)) text = ContractText.MoveProvider(text, address);
            return plan.KeepsQuotas ? text : ContractText.LiftClientLimits(ContractText.LiftPace(text));
        }
        return relative == "suspensions.yaml" ? ContractText.MoveYears(text, calendar.Shift) : text;
    }

    private static void WriteKeys(string folder, SigningKeys keys)
    {
        var place = Path.Combine(folder, "institutions");
        foreach (var path in Directory.EnumerateFiles(place, "*.yaml"))
        {
            var institution = InstitutionFile.Read(path);
            foreach (var (client, file) in institution.Clients)
                if (file is not null) WriteIfChanged(Path.Combine(place, file), keys.PublicSetJson(client));
            foreach (var (keyId, file) in institution.SigningKeys) WriteIfChanged(Path.Combine(place, file), keys.PublicJson(keyId));
        }
    }

    private static void WriteIfChanged(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text) StateFolder.WritePublic(path, text);
    }
}

/// <summary>What to deploy where.</summary>
public sealed record DeploymentPlan
{
    /// <summary>Folder of the contracts to copy.</summary>
    public required string Source { get; init; }
    /// <summary>Institution → scheme, host and port of its stand-in.</summary>
    public required ImmutableDictionary<string, string> Providers { get; init; }
    /// <summary>Leave quotas, paces and limits as the contracts state them.</summary>
    public bool KeepsQuotas { get; init; }

    /// <summary>Changes with anything that changes the copy.</summary>
    internal string Digest(SchoolCalendar calendar)
    {
        var text = new StringBuilder().Append(calendar.Name).Append(KeepsQuotas);
        foreach (var (institution, address) in Providers.OrderBy(p => p.Key, StringComparer.Ordinal)) text.Append(institution).Append('=').Append(address).Append('\n');
        foreach (var path in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            text.Append(Path.GetRelativePath(Source, path)).Append(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
