using System.Collections.Immutable;
using System.Text;
using Agreements;
using Agreements.Loading;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// The contracts of a town in its state folder: a copy of <c>contracts/</c> with this year's dates, the stand-ins' real
/// addresses, the town's public keys, and valid signatures. What somebody changed or added there stays, whatever becomes of the
/// sources: a partner's registration, its keys, an agreement.
/// </summary>
public sealed class DeployedContracts
{
    /// <summary>File of the state folder that remembers what was law in the town.</summary>
    internal const string LawBook = "law-book.json";

    private DeployedContracts(string folder, Registry registry, ImmutableArray<LoadError> warnings) =>
        (Folder, Registry, Warnings) = (folder, registry, warnings);

    /// <summary>Folder that the authority and the gateway read and watch.</summary>
    public string Folder { get; }

    /// <summary>What it says.</summary>
    public Registry Registry { get; }

    /// <summary>What somebody should look at.</summary>
    public ImmutableArray<LoadError> Warnings { get; }

    /// <summary>Files that were changed by hand, so that newer sources did not take their place.</summary>
    public ImmutableArray<string> Kept { get; private init; } = [];

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
        var digest = plan.Digest(calendar);
        var mark = DeploymentMark.Read(folder);
        ImmutableArray<string> kept = [];
        if (mark.Plan != digest)
        {
            kept = Copy(plan, folder, calendar, mark);
            // Another copy is another town: what was law in the one before binds it to nothing.
            File.Delete(state.At(LawBook));
            mark.Providers = plan.Providers;
            // Last, so that a copy cut short by a crash is made again.
            mark.Plan = digest;
        }
        WriteKeys(folder, keys, mark);
        mark.Write(folder);
        using (var signer = new AgreementSigner(folder, keys, calendar.Today))
            signer.SignAll();
        var load = RegistryLoader.Load(folder, clock);
        if (load.Registry is null)
            throw new InvalidDataException("The contracts do not load:\n" + string.Join('\n', load.Errors));
        return new DeployedContracts(folder, load.Registry, load.Errors) { Kept = kept };
    }

    /// <summary>Copies the sources; gives the files that stayed as somebody made them.</summary>
    private static ImmutableArray<string> Copy(DeploymentPlan plan, string folder, SchoolCalendar calendar, DeploymentMark mark)
    {
        var kept = ImmutableArray.CreateBuilder<string>();
        var gone = mark.Files.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(plan.Source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(plan.Source, path).Replace('\\', '/');
            var target = Path.Combine(folder, relative);
            gone.Remove(relative);
            if (mark.IsByHand(folder, relative))
            {
                Readdress(plan, target, relative, mark);
                kept.Add(relative);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetExtension(path) != ".yaml")
                File.Copy(path, target, overwrite: true);
            else
                WriteUnlessSame(target, Adapt(plan, relative, File.ReadAllText(path), calendar));
            mark.Files[relative] = DeploymentMark.DigestOf(target);
        }

        foreach (var relative in gone)
        {
            if (!mark.IsByHand(folder, relative))
                File.Delete(Path.Combine(folder, relative));
            mark.Files.Remove(relative);
        }

        return kept.ToImmutable();
    }

    // An agreement whose text stays keeps the signatures that it has, of whomever they are.
    private static void WriteUnlessSame(string target, string text)
    {
        if (!File.Exists(target) || DeploymentMark.DigestOf(target) != DeploymentMark.DigestOf(Encoding.UTF8.GetBytes(text)))
            File.WriteAllText(target, text);
    }

    // Ports are the town's own: an institution that stood at a stand-in's address before follows it, and one that stands elsewhere stays
    // there.
    private static void Readdress(DeploymentPlan plan, string target, string relative, DeploymentMark mark)
    {
        var id = Path.GetFileNameWithoutExtension(relative);
        if (!relative.StartsWith("institutions/", StringComparison.Ordinal) || !plan.Providers.TryGetValue(id, out var address))
            return;
        if (!mark.Providers.TryGetValue(id, out var before) || before == address)
            return;
        var text = File.ReadAllText(target);
        var moved = text.Replace(before + "/", address + "/", StringComparison.Ordinal);
        if (moved != text)
            StateFolder.WritePublic(target, moved);
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
            if (plan.Providers.TryGetValue(Path.GetFileNameWithoutExtension(relative), out var address))
                text = ContractText.MoveProvider(text, address);
            return plan.KeepsQuotas ? text : ContractText.LiftClientLimits(ContractText.LiftPace(text));
        }
        return relative == "suspensions.yaml" ? ContractText.MoveYears(text, calendar.Shift) : text;
    }

    private static void WriteKeys(string folder, SigningKeys keys, DeploymentMark mark)
    {
        var place = Path.Combine(folder, "institutions");
        foreach (var path in Directory.EnumerateFiles(place, "*.yaml").Order(StringComparer.Ordinal))
        {
            if (InstitutionFile.TryRead(path) is not { } institution)
                continue; // the loader tells what is wrong with it
            foreach (var (client, file) in institution.Clients)
                if (file is not null)
                    WriteKey(folder, file, client, keys.PublicSetJson, keys, mark);
            foreach (var (keyId, file) in institution.SigningKeys)
                WriteKey(folder, file, keyId, keys.PublicJson, keys, mark);
        }
    }

    /// <summary>The town's key where there is none, or one of its own; a key that somebody else put there is that party's, who signs for
    /// itself.</summary>
    private static void WriteKey(string folder, string file, string name, Func<string, string> text, SigningKeys keys, DeploymentMark mark)
    {
        var target = Path.GetFullPath(Path.Combine(folder, "institutions", file));
        if (!target.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return; // the loader refuses it
        var relative = Path.GetRelativePath(folder, target).Replace('\\', '/');
        var isThere = File.Exists(target);
        if (isThere && !mark.IsOurKey(folder, relative) && !(keys.Has(name) && File.ReadAllText(target) == text(name)))
            return;
        var ours = text(name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (!isThere || File.ReadAllText(target) != ours)
            StateFolder.WritePublic(target, ours);
        mark.Keys[relative] = DeploymentMark.DigestOf(target);
    }
}
