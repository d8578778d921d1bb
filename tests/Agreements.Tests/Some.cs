using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements.Contracts;

namespace Agreements.Tests;

/// <summary>Small registries made by hand.</summary>
internal static class Some
{
    public static LocalizedText Text { get; } = new("fr", "ar", "en");

    public static Client Client(string id = "anss-one", params string[] ceiling) =>
        new()
        {
            Id = id,
            Institution = id.Split('-')[0],
            Names = Text,
            Authentication = ClientAuthentication.PrivateKeyJwt,
            Operations = [.. ceiling],
        };

    public static Grant Grant(string id, string consumer, string purpose, string[] clients, params string[] operations) =>
        new()
        {
            Id = id,
            Clause = "art. 1",
            Purpose = purpose,
            LegalBasis = ["MA-L-58-23"],
            Consumer = consumer,
            Provider = "menps",
            Clients = [.. clients],
            Sources = [new Source("MENPS-MASSAR", "menps", null)],
            SubjectSchemes = ["sector-token"],
            Population = new Population("open-dossier", "anss", ["ASD_CHILD"]),
            Quotas = new QuotaTerms { BurstPerSecond = 1 },
            Operations =
            [
                .. operations.Select(operation => new GrantedOperation(
                    operation,
                    ["enrolment.status"],
                    ImmutableDictionary<string, ImmutableArray<AllowedCode>>.Empty,
                    []
                )),
            ],
        };

    public static Agreement Agreement(string id, params Grant[] grants) =>
        Agreement(id, true, new DateOnly(2026, 9, 1), new DateOnly(2027, 8, 31), ["P1", "P2", "P3"], grants);

    public static Agreement Agreement(string id, bool signed, DateOnly from, DateOnly until, string[] authorized, params Grant[] grants) =>
        new()
        {
            Id = id,
            Version = 1,
            Title = Text,
            Parties = ["anss", "menps"],
            From = from,
            Until = until,
            PriorAuthorization = new PriorAuthorization("N", new DateOnly(2026, 1, 1), new DateOnly(2028, 1, 1), [.. authorized]),
            Grants = [.. grants],
            Signed = signed,
            Digest = "",
        };

    public static Registry Registry(IEnumerable<Agreement> agreements, params Suspension[] suspensions) =>
        new()
        {
            Operations = FrozenDictionary<string, Operation>.Empty,
            FhirTypes = FrozenDictionary<string, FhirType>.Empty,
            Institutions = FrozenDictionary<string, Institution>.Empty,
            Clients = FrozenDictionary<string, Client>.Empty,
            Agreements = agreements.ToFrozenDictionary(agreement => agreement.Id, StringComparer.Ordinal),
            Suspensions = [.. suspensions],
            Digest = "",
        };
}
