using Agreements;
using Gateway;
using Gateway.Authentication;
using Gateway.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;
using Tokens.Access;

namespace Policy.Tests.Matrix;

/// <summary>
/// What the catalogue tells a system that it may ask is what the exchange lets it ask, on every day on which something changes.
/// </summary>
public sealed class CatalogueTest
{
    private const string Agreement = "ANSS-MENPS-2026-01";

    [Theory]
    [InlineData("agreements/" + Agreement + ".yaml", "", "")]
    [InlineData("agreements/" + Agreement + ".yaml", "    clients: [anss-eligibility, anss-batch]\n", "")]
    [InlineData("agreements/" + Agreement + ".yaml", "    territory: { provinces: all }", "    territory: { provinces: office }")]
    [InlineData(
        "agreements/" + Agreement + ".yaml",
        "    clients: [anss-eligibility, anss-batch]\n",
        "    clients: [anss-eligibility, anss-batch, anss-office-06181-01]\n"
    )]
    [InlineData("agreements/" + Agreement + ".yaml", "  until: 2028-06-14", "  until: 2026-12-31")]
    [InlineData(
        "institutions/anss.yaml",
        "  - id: anss-batch\n",
        "  - id: anss-batch\n    operations: [education.school-enrolment.batch]\n"
    )]
    [InlineData(
        "openapi/education.yaml",
        "operationId: education.school-enrolment.read",
        "operationId: education.school-enrolment.read\n      x-enabled-by-default: false"
    )]
    public void What_a_system_is_told_it_may_ask_is_what_it_is_let_ask(string file, string from, string to)
    {
        using var law = new LawFiles();
        Edit(law, file, from, to);
        var registry = law.Registry();
        var agreement = registry.Agreements[Agreement];
        var (axes, decisions, permits) = (Axes.Of(registry).For(agreement), new Decisions(registry), 0);
        foreach (var day in axes.Days.Where(day => AgreementStatus.Of(registry, agreement, day) == AgreementState.InForce))
        {
            var catalogue = new CallerLaw(
                new CertificateSightings(new GatewayOptions(), NullLogger<CertificateSightings>.Instance),
                new Noon(day)
            );
            foreach (var client in axes.Systems)
                foreach (var purpose in axes.Purposes)
                {
                    var permitted = axes
                        .Operations.Where(operation => decisions.Of(client, Agreement, purpose, operation, day).Code is null)
                        .ToHashSet(StringComparer.Ordinal);
                    var caller = CallerOf(registry, client, agreement, purpose);
                    var told = CallerLaw
                        .GrantsOf(agreement, caller)
                        .Where(grant => grant.Purpose == purpose)
                        .SelectMany(grant => catalogue.OperationsOf(registry, agreement, grant, caller))
                        .Select(static operation => operation.Id)
                        .ToHashSet(StringComparer.Ordinal);
                    Assert.True(
                        permitted.SetEquals(told),
                        $"{day:yyyy-MM-dd} {client.Id} {purpose}: may ask {string.Join(' ', permitted)}, is told {string.Join(' ', told)}"
                    );
                    permits += permitted.Count;
                }
        }

        Assert.True(permits > 0);
    }

    private static Caller CallerOf(Registry registry, Client client, Agreement agreement, string purpose)
    {
        var institution = registry.Institutions[client.Institution];
        var office = client.Office is null ? null : institution.Offices.First(known => known.Code == client.Office);
        return new Caller(institution, client, office, agreement.Reference, purpose, [])
        {
            TokenId = "t",
            ExpiresAt = DateTimeOffset.MaxValue,
            Scheme = TokenScheme.Bearer,
        };
    }

    private static void Edit(LawFiles law, string file, string from, string to)
    {
        if (from.Length == 0)
            return;
        var text = File.ReadAllText(law.At(file));
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, from);
        text = text[..at] + to + text[(at + from.Length)..];
        if (file.StartsWith("agreements/", StringComparison.Ordinal))
            law.WriteSigned(Agreement, text, LawFiles.PartiesOf(text));
        else
            File.WriteAllText(law.At(file), text);
    }

    private sealed class Noon(DateOnly day) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => CivilTime.InstantOf(day.ToDateTime(new TimeOnly(12, 0)));
    }
}
