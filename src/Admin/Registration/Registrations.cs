using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;
using Admin.CommandLine;
using Agreements.Keys;
using Agreements.Loading;
using Authority;
using Tokens.ClientProof;
using Tokens.Transport;
using Wording;
using PublicKey = Agreements.Keys.PublicKey;

namespace Admin.Registration;

/// <summary>
/// Registrations in <c>contracts/institutions</c>: added, rotated, suspended. Every change is judged by the loader before a byte is
/// written.
/// </summary>
/// <param name="contracts">Contracts folder.</param>
/// <param name="time">Clock.</param>
internal sealed class Registrations(string contracts, TimeProvider time)
{
    /// <summary>Does the folder load since the last change? A change is refused for what it makes wrong, not for what was wrong
    /// before.</summary>
    internal bool Loads { get; private set; } = true;

    /// <summary>Adds a partner's client. Afterwards the folder loads.</summary>
    /// <param name="institution">Its institution.</param>
    /// <param name="fragment">The partner's YAML fragment.</param>
    /// <param name="jwks">The partner's public keys; null for certificate methods.</param>
    /// <param name="certificate">The partner's certificate, if it sent one: must match the fragment's rule.</param>
    internal (string Client, ImmutableArray<LoadError> Warnings) Add(
        string institution,
        string fragment,
        string? jwks,
        X509Certificate2? certificate
    )
    {
        RefusePrivate(fragment, jwks);
        var change = new ContractsChange(contracts);
        var path = FileOf(institution);
        if (!change.Has(path))
            throw NoInstitution(institution);
        var before = InstitutionText.Parse(change.Read(path));
        var text = before.WithClient(fragment);
        var after = InstitutionText.Parse(text);
        var client = after.Clients.Last();
        if (before.Has(client))
            throw new Declined("client-registered", client);
        if (after.KeyFileOf(client) is { } name)
        {
            if (jwks is null)
                throw Declined.Usage("give-jwks");
            change.Set(PlainName(name), Public(jwks));
        }
        change.Set(path, text);
        if (certificate is not null)
            RefuseOther(certificate, client, change);
        return (client, change.Apply(time, mustLoad: true));
    }

    /// <summary>Adds a second key beside the one in use.</summary>
    internal string AddKey(string client, string jwks)
    {
        RefusePrivate(jwks);
        var (change, path, keys) = KeysOf(client);
        var added = Read(jwks);
        if (added.Length != 1)
            throw Declined.Usage("one-key-at-a-time", added.Length);
        if (keys.Any(key => key.KeyId == added[0].KeyId))
            throw new Declined("key-registered", added[0].KeyId);
        change.Set(path, PublicKeySet.Write([.. keys, added[0]]) + "\n");
        Apply(change);
        return added[0].KeyId;
    }

    /// <summary>Ends a rotation: of two keys the older is removed, and refused by the next request.</summary>
    internal (string Removed, string Kept) FinishRotation(string client)
    {
        var (change, path, keys) = KeysOf(client);
        if (keys.Length != 2)
            throw new Declined("no-rotation", keys.Length, client);
        change.Set(path, PublicKeySet.Write([keys[1]]) + "\n");
        Apply(change);
        return (keys[0].KeyId, keys[1].KeyId);
    }

    /// <summary>Changes a client's reviewed status.</summary>
    internal void SetStatus(string client, string status)
    {
        var change = new ContractsChange(contracts);
        var path = FileOf(InstitutionOf(client));
        change.Set(path, InstitutionText.Parse(change.Read(path)).WithStatus(client, status));
        Apply(change);
    }

    private void Apply(ContractsChange change)
    {
        change.Apply(time);
        Loads = change.Loads;
    }

    private (ContractsChange Change, string Path, ImmutableArray<PublicKey> Keys) KeysOf(string client)
    {
        var change = new ContractsChange(contracts);
        var name = InstitutionText.Parse(change.Read(FileOf(InstitutionOf(client)))).KeyFileOf(client)
            ?? throw new Declined("no-keys-here", client);
        return (change, PlainName(name), Read(change.Read(PlainName(name))));
    }

    private string InstitutionOf(string client)
    {
        var change = new ContractsChange(contracts);
        var known = new List<string>();
        foreach (var institution in Institutions())
        {
            var text = InstitutionText.Parse(change.Read(FileOf(institution)));
            if (text.Has(client))
                return institution;
            known.AddRange(text.Clients);
        }
        var near = Near.Of(client, known);
        throw near.Count > 0 ? new Declined("no-client-near", client, Blank.List(near)) : new Declined("no-client", client);
    }

    private IEnumerable<string> Institutions() =>
        Directory
            .EnumerateFiles(Path.Combine(contracts, "institutions"), "*.yaml")
            .Order(StringComparer.Ordinal)
            .Select(static path => Path.GetFileNameWithoutExtension(path));

    private Declined NoInstitution(string id)
    {
        var near = Near.Of(id, Institutions());
        return near.Count > 0
            ? Declined.Usage("no-institution-near", id, Blank.List(near))
            : Declined.Usage("no-institution", id, FileOf(id));
    }

    /// <summary>A certificate that the fragment's rule does not match would be refused on its first connection: said now.</summary>
    private void RefuseOther(X509Certificate2 certificate, string client, ContractsChange change)
    {
        var registered = change.Judge(time)?.Clients.GetValueOrDefault(client);
        if (registered is null)
            return; // the loader's own words come with Apply
        var authorities = registered.Certificates.Select(static rule => rule.Authority).OfType<string>().ToImmutableArray();
        if (!CertificateMatch.Any(PresentedCertificate.From(certificate, authorities), new RegisteredClient(registered).Patterns))
            throw new Refused(
                new Finding(
                    "certificate-not-registered",
                    ("subject", certificate.SubjectName.Name),
                    ("x5tS256", PresentedCertificate.From(certificate).X5tS256)
                )
            );
    }

    private static void RefusePrivate(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is null)
                continue;
            if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
                throw new Refused(new Finding("private-member", ("found", "PRIVATE KEY")));
            if (PublicKeySet.ReadSet(System.Text.Encoding.UTF8.GetBytes(text), out var fault).IsEmpty && fault.IsPrivate)
                throw new Refused(new Finding("private-member", ("found", fault.ToString())));
        }
    }

    private static ImmutableArray<PublicKey> Read(string jwks) =>
        PublicKeySet.ReadSet(System.Text.Encoding.UTF8.GetBytes(jwks), out var reason) is { IsEmpty: false } keys
            ? keys
            : throw new Declined("keys-unusable", reason);

    /// <summary>Written anew from what was understood: nothing else that the partner sent gets into the file.</summary>
    private static string Public(string jwks) => PublicKeySet.Write(Read(jwks)) + "\n";

    private static string FileOf(string institution) => PlainName(institution + ".yaml");

    private static string PlainName(string name) =>
        name == Path.GetFileName(name) ? $"institutions/{name}" : throw Declined.Usage("not-a-file-name", name);
}

/// <summary>Ends a command with a finding that has words in three languages.</summary>
internal sealed class Refused(Finding finding) : Exception(finding.Code)
{
    internal Finding Finding { get; } = finding;
}
