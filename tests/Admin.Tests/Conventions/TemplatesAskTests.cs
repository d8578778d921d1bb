using System.Buffers;
using System.Text;
using System.Text.Json;
using Agreements;
using Sandbox;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Sandbox.Pki;
using Sandbox.Walk;

namespace Admin.Tests.Conventions;

/// <summary>
/// Each template, filled and signed with the tool, is law as it is: its dossiers are declared and its first question is answered.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class TemplatesAskTests : IAsyncLifetime
{
    private const string Household = "4811920375",
        Second = "anss-second-2026";
    private static readonly int CarePort = TownPorts.Free().Issuer,
        RegistryPort = TownPorts.Free().Issuer;
    private readonly TemporaryFolder _folder = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() => _town = await Town.StartAsync(new TownOptions { Pupils = 100, EditContracts = Extend });

    public async ValueTask DisposeAsync()
    {
        await _town.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_filled_signed_loaded_declared_for_and_asked()
    {
        await using var care = await Play(
            "entraide",
            CarePort,
            new Fixed("care.placement.read", "/v1/placements/query", "ENTRAIDE", """ "placement":{"state":"ACTIVE","from":"2026-09-01"} """)
        );
        await using var registry = await Play(
            "rsu",
            RegistryPort,
            new Fixed(
                "registries.eligibility.read",
                "/v1/eligibility/query",
                "RSU",
                """ "eligibility":{"belowThreshold":true,"effectiveFrom":"2026-09-01"} """
            )
        );
        var year = JsonSerializer.Serialize(_town.Calendar.Name);
        await Ask(
            new Case(
                "education",
                "menps",
                "anss-eligibility",
                "MENPS-MASSAR",
                "ASD_SCHOOLING",
                "ASD_CHILD_SCHOOL_AGE",
                "education.school-enrolment.read",
                "/education/v1/school-enrolments/query",
                Token("education", Fixtures.PlainChild),
                $",\"schoolYear\":{year}"
            ),
            "ENROLLED"
        );
        await Ask(
            new Case(
                "employment",
                "anapec",
                "anss-eligibility",
                "ANAPEC",
                "ASD_ELIGIBILITY",
                "ASD_ADULT",
                "employment.job-seeker-status.read",
                "/employment/v1/job-seeker-status/query",
                Token("employment", Fixtures.JobSeeker),
                ""
            ),
            "REGISTERED"
        );
        await Ask(
            new Case(
                "health",
                "msps",
                "anss-inclusion",
                "MSPS-PNI",
                "INCLUSION_HEALTH",
                "ASD_CHILD",
                "health.immunization-recommendation.read",
                "/fhir/ImmunizationRecommendation/_search",
                Token("health", Fixtures.Infant),
                "",
                ("Case-Reference", "INC-2026-000771")
            ),
            "ImmunizationRecommendation"
        );
        await Ask(
            new Case(
                "care",
                "entraide",
                "anss-eligibility",
                "ENTRAIDE",
                "ASD_CARE_CHILD",
                "CARE_CHILD",
                "care.placement.read",
                "/care/v1/placements/query",
                Token("care", Fixtures.PlainChild),
                "",
                ("Case-Reference", "INC-2026-000772"),
                ("Agent", "ag-4417")
            ),
            "ACTIVE"
        );
        await Ask(
            new Case(
                "registries",
                "rsu",
                "anss-eligibility",
                "RSU",
                "ASD_ELIGIBILITY",
                "ASD_HOUSEHOLD",
                "registries.eligibility.read",
                "/registries/v1/eligibility/query",
                $$"""{"scheme":"household-id","value":"{{Household}}"}""",
                ""
            ),
            "belowThreshold"
        );
    }

    [Fact]
    public async Task A_draft_that_is_not_filled_is_told_and_cannot_be_signed()
    {
        var contracts = Copy();
        var draft = Path.Combine(contracts, "agreements", "ANSS-ANAPEC-2027-01.yaml");
        var made = (
            await Ctl.Run(
                "agreement",
                "new",
                "ANSS-ANAPEC-2027-01",
                "--from",
                "employment",
                "--provider",
                "anapec",
                "--client",
                "anss-inclusion",
                "--source",
                "ANAPEC",
                "--out",
                draft,
                "--json"
            )
        ).Ended(0);
        Assert.Equal(3, made.Json["blanks"]!.AsArray().Count);
        Assert.Contains(
            "'sha256' is still to be filled in",
            (await Ctl.English("agreement", "check", "--contracts", contracts)).Ended(0).Out,
            StringComparison.Ordinal
        );
        var refused = (
            await Ctl.English(
                "agreement",
                "sign",
                "ANSS-ANAPEC-2027-01",
                "--institution",
                "anss",
                "--key-id",
                "anss-sign-2026",
                "--key",
                _town.Keys.File("anss-sign-2026"),
                "--contracts",
                contracts
            )
        ).Ended(1);
        Assert.Contains("a placeholder does not become law", refused.Out + refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "signatures:",
            await File.ReadAllTextAsync(draft, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    private async Task Ask(Case one, string expected)
    {
        var id = $"ANSS-{one.Sector.ToUpperInvariant()}-2027-09";
        var contracts = Copy();
        var (file, today) = (Path.Combine("agreements", id + ".yaml"), CivilTime.Today(TimeProvider.System));
        (
            await Ctl.Run(
                "agreement",
                "new",
                id,
                "--from",
                one.Sector,
                "--provider",
                one.Provider,
                "--client",
                one.Client,
                "--source",
                one.Source,
                "--valid-from",
                Day(today),
                "--reference",
                "archive 12/2026",
                "--paper",
                _folder.Write("paper.pdf", "the paper"),
                "--authorization",
                "AU-12/2026",
                "--out",
                Path.Combine(contracts, file)
            )
        ).Ended(0);
        foreach (
            var (party, key) in ((string, string)[])
                [("anss", "anss-sign-2026"), (one.Provider, one.Provider + "-sign-2026"), ("anss", Second)]
        )
            if (key != Second || one.Sector == "care")
                (
                    await Ctl.Run(
                        "agreement",
                        "sign",
                        id,
                        "--institution",
                        party,
                        "--key-id",
                        key,
                        "--key",
                        _town.Keys.File(key),
                        "--contracts",
                        contracts
                    )
                ).Ended(0);
        File.Move(Path.Combine(contracts, file), Path.Combine(_town.Contracts.Folder, file));
        await Until(
            () => _town.Law.Current.Agreements.GetValueOrDefault(id) is { Signed: true },
            () => string.Join('\n', _town.Law.LastErrors)
        );

        var right = _town.File.Clients.First(entry => entry.Id == one.Client) with
        {
            Agreement = id,
            Purpose = one.Purpose,
            Scopes = ["dossiers.declaration.create", one.Operation],
        };
        using var partner = new Partner(_town.File, right);
        // The authority follows the same files by itself.
        string? token = null;
        for (var tries = 0; tries < 600 && (token = await TryToken(partner)) is null; tries++)
            await Task.Delay(50);
        Assert.NotNull(token);
        var declared = await Reply.Ask(
            partner.Http,
            _town.File.Gateway + "/dossiers/v1/declarations",
            token!,
            $$"""{"action":"OPEN","subject":{{one.Subject}},"quality":"{{one.Quality}}","from":"{{Day(today)}}","province":"06.181."}""",
            "application/json",
            [("Idempotency-Key", Guid.CreateVersion7().ToString()), .. one.Headers]
        );
        Assert.True(declared.At("result") == "ACCEPTED", $"{one.Sector}: {declared.Status} {declared.Text}");
        var asked =
            one.Sector == "health"
                ? await Reply.Ask(
                    partner.Http,
                    _town.File.Gateway + one.Path,
                    token!,
                    "patient:identifier=" + Uri.EscapeDataString($"urn:anss:id:health|{SectorToken.Of("health", Fixtures.Infant)}"),
                    "application/x-www-form-urlencoded",
                    one.Headers
                )
                : await Reply.Ask(
                    partner.Http,
                    _town.File.Gateway + one.Path,
                    token!,
                    $$"""{"subject":{{one.Subject}}{{one.More}}}""",
                    "application/json",
                    one.Headers
                );
        Assert.True(
            asked.Status == 200 && asked.Text.Contains(expected, StringComparison.Ordinal),
            $"{one.Sector}: {asked.Status} {asked.Text}"
        );
    }

    private static async Task<string?> TryToken(Partner partner)
    {
        try
        {
            return await partner.Token("dossiers.declaration.create") is { Length: > 0 } ? await partner.Token() : null;
        }
        catch (Exception refused) when (refused is InvalidOperationException or HttpRequestException or InvalidDataException)
        {
            return null;
        }
    }

    private static async Task Until(Func<bool> holds, Func<string> otherwise)
    {
        for (var i = 0; i < 300 && !holds(); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True(holds(), otherwise());
    }

    private string Copy()
    {
        var copy = Directory.CreateDirectory(_folder.At(Guid.CreateVersion7().ToString("N"))).FullName;
        foreach (var file in Directory.EnumerateFiles(_town.Contracts.Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(_town.Contracts.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return copy;
    }

    private Task<StandIn> Play(string institution, int port, StandInOperation operation) =>
        StandIn.StartAsync(
            new StandInOptions
            {
                Institution = institution,
                Port = port,
                Certificate = _town.Pki.Provider(institution),
                GatewayAuthority = _town.Pki.AuthorityFile(DevelopmentPki.Servers),
                AssertionKey = _town.Keys.Public(GatewayKeys.AssertionKey),
            },
            [operation],
            TimeProvider.System
        );

    private static string Token(string sector, string idcs) => $$"""{"scheme":"sector-token","value":"{{SectorToken.Of(sector, idcs)}}"}""";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    // A care institution and a registry, which the town does not play, and the agency's second key.
    private static void Extend(string contracts)
    {
        Write("entraide", "care", "care", "sector-token", "ENTRAIDE", CarePort);
        Write("rsu", "public", "registries", "household-id", "RSU", RegistryPort);
        var agency = Path.Combine(contracts, "institutions", "anss.yaml");
        File.WriteAllText(
            agency,
            File.ReadAllText(agency)
                .Replace(
                    "file: anss-sign-2026.jwk.json } ]",
                    $"file: anss-sign-2026.jwk.json }}, {{ id: {Second}, file: {Second}.jwk.json }} ]",
                    StringComparison.Ordinal
                )
        );

        void Write(string id, string kind, string sector, string scheme, string source, int port) =>
            File.WriteAllText(
                Path.Combine(contracts, "institutions", id + ".yaml"),
                $$"""
                id: {{id}}
                names: { fr: "Entraide", ar: "التعاون", en: "Aid" }
                roles: [provider]
                class: {{kind}}
                sector: {{sector}}
                provider:
                  baseAddress: https://localhost:{{port}}/exchange
                  trust: providers
                  identifierScheme: {{scheme}}
                  bulk: none
                  notFoundStatus: none
                  undeclaredFields: strip
                  receipts: true
                  sources:
                    - code: {{source}}
                signingKeys: [ { id: {{id}}-sign-2026, file: {{id}}-sign-2026.jwk.json } ]

                """
            );
    }

    private sealed record Case(
        string Sector,
        string Provider,
        string Client,
        string Source,
        string Purpose,
        string Quality,
        string Operation,
        string Path,
        string Subject,
        string More,
        params (string Name, string Value)[] Headers
    );

    /// <summary>Answers about whoever is asked about.</summary>
    private sealed class Fixed(string id, string path, string source, string answer) : StandInOperation(id, path)
    {
        public override string AnotherPerson => "";

        public override Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output)
        {
            using var question = JsonDocument.Parse(Encoding.UTF8.GetString(body));
            var asOf = TimeProvider
                .System.GetUtcNow()
                .AddHours(-1)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            output.Write(
                Encoding.UTF8.GetBytes(
                    $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","subject":{{question.RootElement.GetProperty("subject").GetRawText()}},{{answer}},"asOf":"{{asOf}}","source":"{{source}}"}"""
                )
            );
            return new Told(200, BehaviorMode.Normal, false);
        }
    }
}
