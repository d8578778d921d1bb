using System.Collections.Immutable;

namespace Agreements.Loading.Conventions;

/// <summary>What can be stopped, and by whom: by the files that are being read, or by the law in force.</summary>
internal abstract class StopTargets
{
    public abstract bool HasInstitution(string id);

    public abstract bool HasAgreement(string id);

    /// <summary>Parties of an agreement; null when its file cannot be read.</summary>
    public abstract ImmutableArray<string>? PartiesOf(string agreement);

    /// <summary>Is it known to be anything but the agency?</summary>
    public bool IsKnownOutsider(string institution) => Find(institution) is { Class: not InstitutionClass.Agency };

    public bool Exists(Suspension suspension) =>
        suspension.Kind switch
        {
            SuspendedKind.Institution => HasInstitution(suspension.Id),
            SuspendedKind.Client => HasClient(suspension.Id),
            _ => HasAgreement(suspension.Id),
        };

    /// <summary>Who speaks for what is stopped: the institution itself, the client's, the first party of an agreement.</summary>
    public string OwnerOf(Suspension suspension) =>
        suspension.Kind switch
        {
            SuspendedKind.Institution => suspension.Id,
            SuspendedKind.Client => InstitutionOf(suspension.Id),
            _ => PartiesOf(suspension.Id) is [var first, ..] ? first : "",
        };

    protected abstract bool HasClient(string id);

    /// <summary>Institution of a client that exists.</summary>
    protected abstract string InstitutionOf(string client);

    protected abstract Institution? Find(string institution);

    /// <summary>The files that are being read.</summary>
    public sealed class OfFiles(LoadContext context, IReadOnlySet<string> files, IReadOnlyDictionary<string, AgreementEntry> agreements)
        : StopTargets
    {
        public override bool HasInstitution(string id) => context.InstitutionFiles.Contains(id);

        public override bool HasAgreement(string id) => files.Contains(id);

        public override ImmutableArray<string>? PartiesOf(string agreement) =>
            agreements.TryGetValue(agreement, out var entry) ? entry.Agreement.Parties : null;

        protected override bool HasClient(string id) => context.Clients.Any(entry => entry.Client.Id == id);

        protected override string InstitutionOf(string client) =>
            context.Clients.First(entry => entry.Client.Id == client).Client.Institution;

        protected override Institution? Find(string institution) => context.Institutions.GetValueOrDefault(institution);
    }

    /// <summary>The law in force.</summary>
    public sealed class OfLaw(Registry law) : StopTargets
    {
        public override bool HasInstitution(string id) => law.Institutions.ContainsKey(id);

        public override bool HasAgreement(string id) => law.Agreements.ContainsKey(id);

        public override ImmutableArray<string>? PartiesOf(string agreement) => law.Agreements.GetValueOrDefault(agreement)?.Parties;

        protected override bool HasClient(string id) => law.Clients.ContainsKey(id);

        protected override string InstitutionOf(string client) => law.Clients[client].Institution;

        protected override Institution? Find(string institution) => law.Institutions.GetValueOrDefault(institution);
    }
}
