using System.Collections.Immutable;
using System.Text.Json;
using Agreements;
using Agreements.Loading;
using Sandbox.Deployment;
using Sandbox.Persons;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests.Deployment;

public sealed class DeployedContractsTests : IDisposable
{
    private static readonly DateTimeOffset November = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryState _state = new();

    [Fact]
    public void The_committed_contracts_load_signed_and_point_to_the_stand_ins()
    {
        var deployed = Deploy(new ManualClock(November));
        Assert.All(deployed.Registry.Agreements.Values, a => Assert.True(a.Signed, a.Id));
        Assert.Equal("https://localhost:5001/exchange", deployed.Registry.Institutions["menps"].Provider!.BaseAddress.ToString());
    }

    [Theory]
    [InlineData("2026-09-03T12:00:00Z")]
    [InlineData("2027-03-01T12:00:00Z")]
    [InlineData("2031-10-01T12:00:00Z")]
    public void They_are_law_whenever_the_sandbox_is_started(string now)
    {
        var clock = new ManualClock(DateTimeOffset.Parse(now));
        var deployed = Deploy(clock);
        var today = new SchoolCalendar(clock).Today;
        AgreementState State(string id) => AgreementStatus.Of(deployed.Registry, deployed.Registry.Agreements[id], today);
        Assert.Equal(AgreementState.InForce, State("ANSS-MENPS-2026-01"));
        Assert.Equal(AgreementState.Expired, State("ANSS-MENPS-2025-01"));
        Assert.All(deployed.Registry.Institutions["menps"].Provider!.Sources, s =>
            Assert.True(s.Seasons[new SchoolCalendar(clock).Name] <= today)
        );
    }

    [Fact]
    public void An_edit_stays_is_signed_again_and_follows_the_ports()
    {
        var clock = new ManualClock(November);
        var path = Path.Combine(Deploy(clock).Folder, "agreements", "ANSS-ANAPEC-2026-01.yaml");
        File.WriteAllText(
            path,
            File.ReadAllText(path).Replace("en: Agreement on data exchange about employment", "en: Edited", StringComparison.Ordinal)
        );
        var edited = Deploy(clock).Registry.Agreements["ANSS-ANAPEC-2026-01"];
        Assert.Equal("Edited", edited.Title.En);
        Assert.True(edited.Signed);
        var institution = Path.Combine(_state.Folder.At("contracts"), "institutions", "menps.yaml");
        File.WriteAllText(
            institution,
            File.ReadAllText(institution)
                .Replace("en: \"Ministry in charge of national education\"", "en: Renamed", StringComparison.Ordinal)
        );
        var moved = Deploy(clock, port: 6001);
        Assert.Equal(
            ("Edited", true),
            (moved.Registry.Agreements["ANSS-ANAPEC-2026-01"].Title.En, moved.Registry.Agreements["ANSS-ANAPEC-2026-01"].Signed)
        );
        Assert.Equal(
            ("Renamed", 6001),
            (moved.Registry.Institutions["menps"].Names.En, moved.Registry.Institutions["menps"].Provider!.BaseAddress.Port)
        );
        Assert.Equal(["agreements/ANSS-ANAPEC-2026-01.yaml", "institutions/menps.yaml"], moved.Kept.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_second_start_changes_no_byte()
    {
        var clock = new ManualClock(November);
        var first = Deploy(clock).Registry.Digest;
        Assert.Equal(first, Deploy(clock).Registry.Digest);
    }

    [Fact]
    public async Task An_agreement_edited_while_the_town_runs_is_signed_again()
    {
        var clock = new ManualClock(November);
        var deployed = Deploy(clock);
        using var notary = new AgreementSigner(deployed.Folder, new SigningKeys(_state.Folder), new DateOnly(2026, 11, 21));
        notary.Watch();
        var path = Path.Combine(deployed.Folder, "agreements", "ANSS-MENPS-2026-01.yaml");
        await File.WriteAllTextAsync(
            path,
            (await File.ReadAllTextAsync(path)).Replace("clause: art. 4", "clause: art. 44", StringComparison.Ordinal)
        );
        for (var i = 0; i < 200; i++)
        {
            if (
                RegistryLoader.Load(deployed.Folder, clock).Registry?.Agreements["ANSS-MENPS-2026-01"] is { Signed: true } agreement
                && agreement.Grants[0].Clause == "art. 44"
            )
                return;
            await Task.Delay(50);
        }
        Assert.Fail("the edited agreement was not signed");
    }

    [Fact]
    public void Half_a_file_is_left_to_the_gateway_to_report()
    {
        var clock = new ManualClock(November);
        var deployed = Deploy(clock);
        var path = Path.Combine(deployed.Folder, "agreements", "ANSS-MENPS-2026-01.yaml");
        File.WriteAllText(path, "id: [");
        using var notary = new AgreementSigner(deployed.Folder, new SigningKeys(_state.Folder), new DateOnly(2026, 11, 21));
        notary.SignAll();
        Assert.Equal("id: [", File.ReadAllText(path));
    }

    [Fact]
    public void Sandbox_json_names_what_can_be_used_today()
    {
        var clock = new ManualClock(November);
        var deployed = Deploy(clock);
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        var clients = SandboxFile.ClientEntries(deployed.Registry, pki, new SigningKeys(_state.Folder), new DateOnly(2026, 11, 21));
        Assert.Equal(
            ("anss-eligibility", "ASD_SCHOOLING", "ANSS-MENPS-2026-01"),
            (clients[0].Id, clients[0].Purpose, clients[0].Agreement)
        );
        Assert.Contains("education.school-enrolment.read", clients[0].Scopes);
        Assert.Contains(clients, c => c is { Auth: "tls_client_auth", Key: null, Kid: null });
        Assert.DoesNotContain(clients, c => c.Agreement is "ANSS-MENPS-2025-01" or "ANSS-CNSS-2026-01");
        Assert.All(clients, c =>
            Assert.True(File.Exists(c.Certificate) && File.Exists(c.CertificateKey) && (c.Key is null || File.Exists(c.Key)))
        );
    }

    [Fact]
    public void Sandbox_json_has_the_members_that_tools_rely_on()
    {
        var file = new SandboxFile
        {
            Issuer = "https://localhost:7443",
            TokenEndpoint = "https://localhost:7444/connect/token",
            Gateway = "https://localhost:8443",
            Metrics = "http://localhost:8080/metrics",
            Ca = "/tmp/ca.pem",
            SchoolYear = "2026-2027",
            Ledger = new LedgerPlace("/tmp/ledger", "vkey"),
            Clients = [],
            Providers = [new ProviderEntry("menps", "https://localhost:9443")],
            Persons = SandboxFile.PersonEntries(),
        };
        var path = _state.Folder.At("sandbox.json");
        file.Write(path);
        var json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path));
        foreach (
            var name in new[]
            {
                "issuer",
                "tokenEndpoint",
                "gateway",
                "metrics",
                "console",
                "ca",
                "schoolYear",
                "ledger",
                "clients",
                "providers",
                "persons",
            }
        )
            Assert.True(json.TryGetProperty(name, out _), name);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("console").ValueKind);
        foreach (var name in new[] { "enrolled", "notEnrolled", "droppedOut", "pending", "notFound", "ambiguous" })
            Assert.Equal("idcs", json.GetProperty("persons").GetProperty(name).GetProperty("scheme").GetString());
    }

    [Fact]
    public void Dossiers_are_declared_for_all_but_one_and_hold_no_identifier()
    {
        var clock = new ManualClock(November);
        var registry = Deploy(clock).Registry;
        var path = _state.Folder.At("dossiers.ndjson");
        DossierFile.Write(path, registry, new byte[32], 100, new SchoolCalendar(clock));
        var lines = File.ReadAllLines(path);
        var schooling = lines.Where(l => l.Contains("ANSS-MENPS-2026-01", StringComparison.Ordinal)).ToArray();
        Assert.InRange(schooling.Length, 100 + 20, 100 + Fixtures.All.Length - 1);
        Assert.Single(schooling, l => l.Contains(Fixtures.AnotherProvince, StringComparison.Ordinal) && Matches(l, Fixtures.OtherProvince));
        Assert.DoesNotContain(schooling, l => Matches(l, Fixtures.NoDossier));
        Assert.All(lines, l => Assert.DoesNotMatch(@"\d{10}|edu_|hea_|emp_", l));
        Assert.Equal(lines.Length, lines.Distinct().Count());
    }

    public void Dispose() => _state.Dispose();

    private static bool Matches(string line, string idcs)
    {
        var message = System.Text.Encoding.ASCII.GetBytes("dossier:" + SectorToken.Of("education", idcs));
        var mac = System.Security.Cryptography.HMACSHA256.HashData(new byte[32], message);
        return line.Contains(System.Buffers.Text.Base64Url.EncodeToString(mac.AsSpan(0, 16)), StringComparison.Ordinal);
    }

    private DeployedContracts Deploy(TimeProvider clock, int port = 5001) =>
        DeployedContracts.Deploy(
            new DeploymentPlan
            {
                Source = ContractSource.Find(),
                Providers = ImmutableDictionary<string, string>.Empty.Add("menps", $"https://localhost:{port}"),
            },
            _state.Folder,
            clock
        );
}
