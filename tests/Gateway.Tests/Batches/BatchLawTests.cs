using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Revocation;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>
/// A batch is accepted once and admitted anew for each chunk. Its first line is answered; while its record becomes durable the law changes;
/// what the other lines come to is what a call of that moment would.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed partial class BatchLawTests : IAsyncLifetime
{
    private const string Agreement = "ANSS-MENPS-2026-01",
        Client = "anss-batch";
    private const int Lines = 3;
    private readonly WatchedLedger _ledger = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                WrapLedger = _ledger.Around,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = static contracts =>
                {
                    var file = Path.Combine(contracts, "institutions", "menps.yaml");
                    File.WriteAllText(file, File.ReadAllText(file).Replace("chunkSize: 500", "chunkSize: 1", StringComparison.Ordinal));
                },
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task Whatever_the_law_takes_away_is_taken_from_the_lines_that_were_not_asked_yet()
    {
        // In its file, in the file of suspensions, by the list; the system, its institution, the agreement, whoever answers.
        await Stopped(Institution("status: active", "status: suspended", after: $"id: {Client}"), "client-suspended", "refused");
        await Stopped(Suspended("client", Client), "client-suspended", "refused");
        await Stopped(Suspended("institution", "anss"), "client-suspended", "refused");
        await Stopped(Suspended("agreement", Agreement), "agreement-suspended", "refused");
        await Stopped(Listed(StoppedKind.Agreement, Agreement), "agreement-suspended", "refused");
        await Stopped(Listed(StoppedKind.Institution, "menps"), "provider-unavailable", "never-asked");
        // What the system shows was stopped, or is not its own any more.
        await Stopped(Listed(StoppedKind.Certificate, Fingerprint()), "certificate-revoked", "refused");
        await Stopped(
            Institution($"sanUri: \"urn:anss:client:{Client}\"", "sanUri: \"urn:anss:client:another\"", after: $"id: {Client}"),
            "certificate-not-accepted",
            "refused"
        );
        // By a new version of the agreement: other systems, no authorization, its end, a header.
        await Stopped(
            Version(static text =>
                text.Replace(
                    "clients: [anss-eligibility, anss-batch, anss-payments, anss-field]",
                    "clients: [anss-eligibility]",
                    StringComparison.Ordinal
                )
            ),
            "operation-not-covered",
            "refused"
        );
        await Stopped(
            Version(static text =>
                Until(text, "priorAuthorization:", text[(text.IndexOf("  on: ", StringComparison.Ordinal) + 6)..][..10])
            ),
            "prior-authorization-missing",
            "refused"
        );
        await Stopped(
            Version(text =>
                Until(text, "validity:", _town.Calendar.Today.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
            ),
            "agreement-expired",
            "refused"
        );
        await Stopped(
            Version(static text =>
                text.Replace("require: { caseReference: optional", "require: { caseReference: required", StringComparison.Ordinal)
            ),
            "case-reference-required",
            "refused"
        );
    }

    [Fact]
    public async Task A_newer_version_with_fewer_fields_holds_from_the_next_line_on_and_for_what_is_fetched_later()
    {
        var batch = new BatchCall(_town);
        var (edit, restore) = Version(static text =>
            text.Replace(
                "release: [enrolment.status, enrolment.schoolYear, enrolment.cycle, enrolment.sector]",
                "release: [enrolment.status, enrolment.schoolYear, enrolment.since, enrolment.cycle]",
                StringComparison.Ordinal
            )
        );
        var first = Forge.Reference(_town, Agreement);
        await Run(batch, edit);
        var records = await batch.Records(Lines);
        var newer = Forge.Reference(_town, Agreement);
        Assert.NotEqual(first, newer);
        Assert.Equal([first, newer, newer], records.Select(static record => BatchCall.Text(record, "agr")));

        // The line that was answered under the older version carries what is released no longer: nobody gets it under the newer one.
        var withheld = await batch.Get("/results");
        Assert.Equal((HttpStatusCode.Forbidden, "field-not-allowed"), (withheld.Status, withheld.Code));
        Assert.Equal(["enrolment.sector"], withheld.Json.GetProperty("missing").EnumerateArray().Select(static one => one.GetString()));

        await restore();
        var lines = await batch.Results();
        Assert.All(lines, static line => Assert.Equal("answered", BatchCall.Text(line, "outcome")));
        string[] Names(int line) =>
            [.. lines[line].GetProperty("enrolment").EnumerateObject().Select(static member => member.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(["cycle", "schoolYear", "sector", "status"], Names(0));
        // Neither what the newer version releases no longer nor what it releases in addition.
        Assert.Equal(["cycle", "schoolYear", "status"], Names(1));
        Assert.Equal(["cycle", "schoolYear", "status"], Names(2));
        Assert.Equal(
            ["enrolment.cycle", "enrolment.schoolYear", "enrolment.status"],
            records[1].GetProperty("fld").EnumerateArray().Select(static one => one.GetString()).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_batch_whose_token_was_stopped_stays_stopped_when_the_token_would_have_expired()
    {
        var token = await _town.TokenFor(Client, "ASD_BACK_TO_SCHOOL", Agreement, BatchCall.Scope);
        var jti = new JsonWebToken(token).Id;
        using var body = new StringContent(
            string.Join('\n', Enumerable.Range(0, Lines).Select(number => BatchCall.Line(_town, $"l-{number}", Fixtures.PlainChild))),
            System.Text.Encoding.UTF8,
            "application/x-ndjson"
        );
        _ledger.When("\"line\":1", async () =>
        {
            // The list forgets a token soon after its end.
            await StatusTest.StatusOf(_town).Revoke(jti, TimeProvider.System.GetUtcNow().AddSeconds(3));
            await Soon.Holds(() => Task.FromResult(Status.Current.IsRevoked(jti)), "the gateway knows");
        });
        var submitted = await _town.Send(BatchCall.Path, body, token, _town.ClientAs(Client), static request =>
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString("D"))
        );
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        var batch = new BatchCall(_town);
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var manifest = await batch.Get(at: submitted.Header("Location"));
            if (manifest.Json.GetProperty("state").GetString() == "COMPLETED")
                break;
            await Task.Delay(100);
        }

        var lines = BatchCall.Lines((await batch.Get("/results", at: submitted.Header("Location"))).Text);
        Assert.Equal([null, "token-not-accepted", "token-not-accepted"], lines.Select(static line => BatchCall.Text(line, "code")));
    }

    [Fact]
    public async Task What_is_stopped_while_a_source_is_asked_is_not_released_when_it_answers()
    {
        _town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(3), count: 2);
        var (said, batch) = (StatusTest.StatusOf(_town), new BatchCall(_town));
        _town["menps"].Received.Clear();
        var single = _town.Enrolment(Fixtures.PlainChild);
        await batch.Submit([.. Enumerable.Repeat(Fixtures.PlainChild, Lines)]);
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.All.Length == 2), "both are asked");
        await said.Suspend(StoppedKind.Agreement, Agreement, "test");
        var answer = await single;
        Assert.Equal((HttpStatusCode.Forbidden, "agreement-suspended"), (answer.Status, answer.Code));
        // Who was asked stands in the record although nothing was released.
        Assert.Equal("menps", (await answer.Record()).GetProperty("prov")[0].GetProperty("id").GetString());
        await Soon.Holds(async () => (await batch.Records(0)).Count == Lines, "every line has its record");
        await said.Lift(StoppedKind.Agreement, Agreement);
        await Soon.Holds(() => Task.FromResult(!Status.Current.IsSuspended(StoppedKind.Agreement, Agreement)), "it is over");
        await batch.Completed();
        Assert.All(await batch.Results(), static line =>
            Assert.Equal(("refused", "agreement-suspended"), (BatchCall.Text(line, "outcome"), BatchCall.Text(line, "code")))
        );
        var records = await batch.Records(Lines);
        Assert.Equal("menps", records[0].GetProperty("prov")[0].GetProperty("id").GetString());
        Assert.Equal(2, _town["menps"].Received.All.Length);
    }

    private ITokenStatus Status => _town.GatewayHost.Services.GetRequiredService<ITokenStatus>();

    // Line 1 is answered under the law as it was, the others under what came of it; then it is as before.
    private async Task Stopped((Func<Task> Edit, Func<Task> Restore) change, string code, string outcome)
    {
        var batch = new BatchCall(_town);
        _town["menps"].Received.Clear();
        await Run(batch, change.Edit);
        var records = await batch.Records(Lines);
        Assert.Equal(
            ("access", code, code),
            (BatchCall.Text(records[0], "ev"), BatchCall.Text(records[1], "code"), BatchCall.Text(records[2], "code"))
        );
        Assert.Single(_town["menps"].Received.All);
        await change.Restore();
        var manifest = await batch.Completed();
        var lines = await batch.Results();
        Assert.Equal(["answered", outcome, outcome], lines.Select(static line => BatchCall.Text(line, "outcome")));
        Assert.Equal([null, code, code], lines.Select(static line => BatchCall.Text(line, "code")));
        Assert.All(lines[1..], static line =>
            Assert.False(line.TryGetProperty("matchStatus", out _) || line.TryGetProperty("enrolment", out _))
        );
        Assert.Equal(
            (1, 2),
            (
                manifest.GetProperty("counts").GetProperty("answered").GetInt32(),
                manifest.GetProperty("counts").GetProperty(outcome).GetInt32()
            )
        );
        if (outcome != "refused")
            return;
        Assert.Equal(
            (code, 2),
            (
                manifest.GetProperty("stopped").GetProperty("code").GetString(),
                manifest.GetProperty("stopped").GetProperty("lines").GetInt32()
            )
        );
    }

    private async Task Run(BatchCall batch, Func<Task> change)
    {
        _ledger.When("\"line\":1", change);
        await batch.Submit([.. Enumerable.Repeat(Fixtures.PlainChild, Lines)]);
        await batch.Records(Lines);
    }

    private (Func<Task>, Func<Task>) Listed(StoppedKind kind, string id) =>
        (
            () => Say(StatusTest.StatusOf(_town).Suspend(kind, id, "test"), stopped: true),
            () => Say(StatusTest.StatusOf(_town).Lift(kind, id), stopped: false)
        );

    private async Task Say(ValueTask said, bool stopped)
    {
        await said;
        await Soon.Holds(() => Task.FromResult(Status.Current.Suspensions.Count > 0 == stopped), "the gateway knows");
    }

    private string Fingerprint()
    {
        using var certificate = _town.Pki.Client(Client).Load();
        return CertificateId.ReadFingerprint(certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256))!;
    }

    private (Func<Task>, Func<Task>) Suspended(string kind, string id) =>
        Edited("suspensions.yaml", text => text + $"  - {{ kind: {kind}, id: {id}, by: anss, since: 2020-01-01 }}\n");

    private (Func<Task>, Func<Task>) Institution(string before, string instead, string after) =>
        Edited(Path.Combine("institutions", "anss.yaml"), text =>
        {
            var at = text.IndexOf(before, text.IndexOf(after, StringComparison.Ordinal), StringComparison.Ordinal);
            return text[..at] + instead + text[(at + before.Length)..];
        });

    private (Func<Task>, Func<Task>) Edited(string name, Func<string, string> edit)
    {
        var file = Path.Combine(_town.Contracts.Folder, name);
        var before = File.ReadAllText(file);
        var after = edit(before);
        Assert.NotEqual(before, after);
        return (() => Write(file, after), () => Write(file, before));
    }

    // Versions only go up: what was law does not come back under its old number.
    private (Func<Task>, Func<Task>) Version(Func<string, string> edit)
    {
        var file = Directory.GetFiles(Path.Combine(_town.Contracts.Folder, "agreements"), Agreement + "*").Single();
        var before = File.ReadAllText(file);
        var after = edit(before);
        Assert.NotEqual(before, after);
        return (() => Write(file, Next(after, 1)), () => Write(file, Next(before, 2)));
    }

    private async Task Write(string file, string text)
    {
        var digest = _town.Law.Current.Digest;
        await File.WriteAllTextAsync(file, text);
        await Soon.Holds(
            () =>
                Task.FromResult(
                    _town.Law.Current.Digest != digest
                        && !_town.Law.LastErrors.Any(static error => error.Severity == Agreements.Loading.LoadSeverity.Error)
                ),
            "it is law"
        );
        // The signatures follow a moment later.
        await Soon.Holds(() => Task.FromResult(_town.Law.Current.Agreements[Agreement].Signed), "it is signed");
    }

    private static string Next(string text, int by) =>
        VersionLines()
            .Replace(text, match =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{match.Groups["name"].Value}: {int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) + by}"
                )
            );

    private static string Until(string text, string section, string day)
    {
        var until =
            text.IndexOf("  until: ", text.IndexOf(section, StringComparison.Ordinal), StringComparison.Ordinal) + "  until: ".Length;
        return string.Concat(text.AsSpan(0, until), day, text.AsSpan(until + 10));
    }

    [GeneratedRegex("^(?<name>version|replaces): (?<number>[0-9]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionLines();
}
