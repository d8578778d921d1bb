using System.Text;
using Admin.CommandLine;
using Admin.Registration;
using Agreements;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Agreements.Signatures;

namespace Admin.Conventions;

/// <summary>A draft, judged by the loader within the folder in which it would stand.</summary>
/// <param name="Load">The folder with the draft in it.</param>
/// <param name="Id">The draft's id.</param>
/// <param name="InForce">The version that stands there now; null when there is none.</param>
internal sealed record Draft(RegistryLoad Load, string Id, Agreement? InForce)
{
    /// <summary>The draft as an agreement.</summary>
    /// <exception cref="Declined">It does not load.</exception>
    internal Agreement Agreement => Registry.Agreements[Id];

    /// <summary>The registry as it would be.</summary>
    /// <exception cref="Declined">It does not load.</exception>
    internal Registry Registry =>
        Load.Registry
        ?? throw new Declined("draft-does-not-load", Id)
        {
            Errors = [.. Load.Errors.Where(static error => error.Severity == LoadSeverity.Error)],
        };

    /// <summary>Reads it. Signatures of the version that it was made from are passed over: they cannot fit.</summary>
    internal static Draft Read(string file, string contracts, TimeProvider time, LawBook? book = null)
    {
        var text = File.ReadAllText(file);
        var id = text.Split('\n').FirstOrDefault(static line => line.StartsWith("id: ", StringComparison.Ordinal))?[4..].Trim(' ', '"')
            ?? throw Declined.Usage("draft-without-id", file);
        if (id != Path.GetFileName(id) || id.Length == 0)
            throw Declined.Usage("agreement-id", id, "ANSS-MENPS-2027-01");
        if (!Directory.Exists(contracts))
            throw Declined.Usage("no-contracts", contracts);
        var now = RegistryLoader.Load(contracts, time).Registry
            ?? throw Declined.Usage("contracts-check", contracts, Shell.Line("gatewayctl", "agreement", "check", "--contracts", contracts));
        var change = new ContractsChange(contracts);
        var path = $"agreements/{id}.yaml";
        var same = change.Has(path) && change.Read(path) == text;
        change.Set(path, same ? text : Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text))));
        return new(change.Load(time, book), id, now.Agreements.GetValueOrDefault(id));
    }
}
