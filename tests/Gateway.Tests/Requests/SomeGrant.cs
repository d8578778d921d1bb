using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Tests.Requests;

internal static class SomeGrant
{
    public static readonly GrantedOperation Schooling = new(
        "education.school-enrolment.read",
        ["enrolment.status", "enrolment.schoolYear", "enrolment.since"],
        ImmutableDictionary<string, ImmutableArray<AllowedCode>>.Empty,
        []
    );

    public static Grant Of(GrantedOperation operation, params ImmutableArray<string> schemes) =>
        With(operation, Demand.Optional, Demand.None, Demand.None, schemes);

    public static Grant With(
        GrantedOperation operation,
        Demand caseReference,
        Demand agent,
        Demand consent,
        params ImmutableArray<string> schemes
    ) =>
        new()
        {
            Id = "schooling",
            Clause = "art. 4",
            Purpose = "ASD_SCHOOLING",
            LegalBasis = [],
            Consumer = "anss",
            Provider = "menps",
            Sources = [new("MENPS-MASSAR", "menps", null)],
            SubjectSchemes = schemes,
            CaseReference = caseReference,
            Agent = agent,
            Consent = consent,
            Population = new Population("none", null, []),
            Quotas = new QuotaTerms { BurstPerSecond = 10 },
            Operations = [operation],
        };

    public static Registry Registry(params ImmutableArray<FhirType> types) =>
        new()
        {
            Operations = FrozenDictionary<string, Operation>.Empty,
            FhirTypes = types.ToFrozenDictionary(type => type.Name),
            Institutions = FrozenDictionary<string, Institution>.Empty,
            Clients = FrozenDictionary<string, Client>.Empty,
            Agreements = FrozenDictionary<string, Agreement>.Empty,
            Suspensions = [],
            Digest = "test",
        };
}
