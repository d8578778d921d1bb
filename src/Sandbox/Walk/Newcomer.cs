using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox.Persons;
using Spectre.Console;
using Verifier;

namespace Sandbox.Walk;

/// <summary>
/// Walks a newcomer through one real exchange, then through what the rest of the town shows: another purpose, other
/// institutions, refusals, receipts, the person's view. Uses what a partner has, but for the two places that say so.
/// </summary>
/// <param name="town">A running town.</param>
/// <param name="console">Terminal.</param>
public sealed class Newcomer(Town town, IAnsiConsole console)
{
    private const string Enrolment = "education.school-enrolment.read";
    private const string EnrolmentPath = "/education/v1/school-enrolments/query";
    private readonly Guide _guide = new(console);

    /// <summary>Walks; gives the number of things that were not as expected.</summary>
    public async Task<int> Walk()
    {
        _guide.Say("[bold]A town in one process.[/] Everybody in it is synthetic. This is the path of a question:");
        _guide.Verbatim(Picture.OfThePath);
        var token = await TakeToken();
        var reply = await AskAboutTheChild(token);
        await VerifyOffline(reply);
        await UnderAnotherPurpose();
        await BeRefused(token);
        await AskTheEmploymentService();
        await AskTheHealthSystem();
        await WhoAsked();
        console.WriteLine();
        _guide.Say(
            _guide.Failures == 0
                ? $"[bold green]All {_guide.Claims} claims of this walk held.[/]"
                : $"[bold red]{_guide.Failures} of {_guide.Claims} claims did not hold.[/]"
        );
        return _guide.Failures;
    }

    private static string Question(string idcs, string schoolYear) =>
        JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = idcs }, schoolYear });

    private async Task<string> TakeToken()
    {
        _guide.Step("A token: who asks, under which agreement, for which purpose");
        _guide.Say("The system [bold]anss-eligibility[/] signs an assertion with its key, over a connection that shows its certificate.");
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING", scopes: Enrolment);
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1]));
        _guide.Show("what the token says (its signature stays out of sight)", claims);
        var said = JsonSerializer.Deserialize<JsonElement>(claims);
        _guide.Claim(said.GetProperty("client_id").GetString() == "anss-eligibility", "it names the system");
        _guide.Claim(
            said.GetProperty("authorization_details")[0].GetProperty("purpose").GetString() == "ASD_SCHOOLING",
            "it names one agreement and one purpose"
        );
        _guide.Claim(
            said.GetProperty("cnf").TryGetProperty("x5t#S256", out _),
            "it is bound to the certificate: under another one it is worth nothing"
        );
        return token;
    }

    private async Task<Reply> AskAboutTheChild(string token)
    {
        _guide.Step("The question: is this child enrolled?");
        town["menps"].Received.Clear();
        var body = Question(Fixtures.PlainChild, town.Calendar.Name);
        _guide.Show($"POST {EnrolmentPath}", body);
        var reply = await Ask("anss-eligibility", token, EnrolmentPath, body);
        // The walk looks over the ministry's shoulder here; a partner cannot.
        var full = town["menps"]
            .Tell(
                "/v1/school-enrolments/query",
                JsonSerializer.Serialize(
                    new
                    {
                        subject = new { scheme = "sector-token", value = SectorToken.Of("education", Fixtures.PlainChild) },
                        schoolYear = town.Calendar.Name,
                    }
                )
            );
        _guide.Compare("what the ministry answered the gateway", full, "what left the gateway", reply.Text);
        _guide.Claim(reply.Status == 200 && reply.At("matchStatus") == "MATCHED", "the question was answered");
        _guide.Claim(reply.At("enrolment.status") == "ENROLLED", "the child is enrolled");
        _guide.Claim(
            reply.At("enrolment.since") is not null
                && reply.At("enrolment.cycle") is null
                && reply.At("enrolment.sector") is null
                && reply.At("enrolment.schoolCode") is null,
            "cycle, sector and school stayed behind: the amount depends on enrolment alone"
        );
        _guide.Claim(reply.At("subject") is null, "the answer does not repeat who it is about");
        var received = town["menps"].Received.All;
        _guide.Claim(
            received.Length == 1
                && !received[0].Body.Contains(Fixtures.PlainChild, StringComparison.Ordinal)
                && !received[0].Headers.ContainsKey("Authorization"),
            "the ministry saw a sector token, neither the identifier nor the agency's token"
        );
        return reply;
    }

    private async Task VerifyOffline(Reply reply)
    {
        _guide.Step("The receipt, verified without asking anybody");
        _guide.Verbatim("  Audit-Receipt: " + reply.Receipt);
        await Published(reply);
        var key = VerifierKey.Parse(town.File.Ledger.Vkey);
        var check = new ReceiptCheck(TrustPolicy.Of(key))
        {
            Body = reply.Body,
            Request = reply.Request,
            LogDirectory = town.LedgerFolder,
        };
        var result = check.Run(reply.Receipt);
        _guide.Say("  " + Markup.Escape(result.Sentence));
        _guide.Claim(result.Holds, "signature, record, inclusion in the log, digests of both bodies");
        var forged = reply.Body.ToArray();
        forged[^2] ^= 1;
        _guide.Claim(
            !new ReceiptCheck(TrustPolicy.Of(key))
            {
                Body = forged,
                Request = reply.Request,
                LogDirectory = town.LedgerFolder,
            }
                .Run(reply.Receipt)
                .Holds,
            "one changed bit in the answer, and it no longer verifies"
        );
    }

    private async Task UnderAnotherPurpose()
    {
        _guide.Step("The same question for another purpose releases other fields");
        var token = await town.TokenFor("anss-eligibility", "ASD_BACK_TO_SCHOOL", scopes: Enrolment);
        var reply = await Ask("anss-eligibility", token, EnrolmentPath, Question(Fixtures.PlainChild, town.Calendar.Name));
        _guide.Show("for the back-to-school allowance", reply.Text);
        _guide.Claim(
            reply.At("enrolment.cycle") == "LOWER_SECONDARY" && reply.At("enrolment.sector") == "PUBLIC",
            "cycle and sector, which decide the allowance"
        );
        _guide.Claim(reply.At("enrolment.since") is null, "and no longer since when");
    }

    private async Task BeRefused(string token)
    {
        _guide.Step("Refusals are explained, sealed and receipted too");
        var noDossier = await Ask("anss-eligibility", token, EnrolmentPath, Question(Fixtures.NoDossier, town.Calendar.Name));
        _guide.Show("a child for whom the agency holds no dossier", noDossier.Text);
        _guide.Claim(noDossier.Status == 403 && noDossier.At("code") == "dossier-not-open", "no open dossier, no answer");
        _guide.Claim(
            noDossier.At("fixableBy") is not null && noDossier.At("rule") is not null,
            "it says which rule decided and who can mend it"
        );
        _guide.Claim(noDossier.Receipt.Length > 0, "the refusal has a receipt");
        _guide.Claim(
            town["menps"]
                .Received.All.All(c => !c.Body.Contains(SectorToken.Of("education", Fixtures.NoDossier), StringComparison.Ordinal)),
            "the ministry never learned of the question"
        );
        var other = await Ask(
            "anss-eligibility",
            token,
            "/employment/v1/job-seeker-status/query",
            JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } })
        );
        _guide.Claim(
            other.Status == 403 && other.At("code") == "operation-not-covered",
            "the same token opens nothing else: " + other.At("code")
        );
        var typo = await Ask("anss-eligibility", token, EnrolmentPath, Question("2666041938", town.Calendar.Name));
        _guide.Claim(
            typo.Status == 400 && typo.Text.Contains("invalid-identifier", StringComparison.Ordinal),
            "a wrong check digit is found before anybody is asked"
        );
    }

    private async Task AskTheEmploymentService()
    {
        _guide.Step("The employment service, through the same path");
        var token = await town.TokenFor("anss-inclusion", "INCLUSION_EMPLOYMENT");
        var reply = await Ask(
            "anss-inclusion",
            token,
            "/employment/v1/job-seeker-status/query",
            JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } }),
            ("Case-Reference", "WALK-0001"),
            ("Consent-Reference", "CONSENT-0001")
        );
        _guide.Show("is this person looking for work?", reply.Text);
        _guide.Claim(reply.At("jobSeeker.status") == "REGISTERED", "registered as a job seeker");
        _guide.Claim(reply.Receipt.Length > 0, "with its own receipt");
    }

    private async Task AskTheHealthSystem()
    {
        _guide.Step("The health system, in FHIR R4");
        var token = await town.TokenFor("anss-inclusion", "INCLUSION_HEALTH");
        var person = Uri.EscapeDataString("urn:anss:id:health|" + SectorToken.Of("health", Fixtures.Infant));
        var reply = await Reply.Ask(
            town.ClientAs("anss-inclusion"),
            town.File.Gateway + "/fhir/ImmunizationRecommendation/_search",
            token,
            "patient%3Aidentifier=" + person,
            "application/x-www-form-urlencoded",
            ("Case-Reference", "WALK-0002")
        );
        _guide.Show("is this infant's vaccination up to date?", reply.Text);
        _guide.Claim(
            reply.Status == 200 && reply.At("entry.0.resource.recommendation.0.forecastStatus.coding.0.code") == "complete",
            "complete, by the schedule in force"
        );
        _guide.Claim(
            !reply.Text.Contains("SYNTHETIC", StringComparison.Ordinal) && !reply.Text.Contains("display", StringComparison.Ordinal),
            "no name, no free text, no doses: an answer, not a file"
        );
        var none = await Reply.Ask(
            town.ClientAs("anss-inclusion"),
            town.File.Gateway + "/fhir/Coverage/_search",
            token,
            "beneficiary%3Aidentifier=" + person,
            "application/x-www-form-urlencoded",
            ("Case-Reference", "WALK-0003")
        );
        _guide.Claim(none.Status == 403 && none.At("resourceType") == "OperationOutcome", "a refusal speaks FHIR as well: OperationOutcome");
    }

    private async Task WhoAsked()
    {
        _guide.Step("Who asked about this child?");
        _guide.Say("The ledger holds no identifier. Whoever is given the keys of this quarter can ask it; here that is the walk.");
        await Task.Delay(TimeSpan.FromSeconds(1.2), town.Options.Clock);
        var key = town.SubjectKeys.Current();
        var pseudonym = key.Of("edu", SectorToken.Of("education", Fixtures.PlainChild).AsSpan(4));
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in new[] { "record", "when (UTC)", "who", "why, under which agreement", "outcome", "what left" })
            table.AddColumn(column);
        var found = 0;
        foreach (var entry in LogReader.Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey)).Entries())
        {
            var record = JsonSerializer.Deserialize<JsonElement>(entry.Text.Span);
            string Of(string name) =>
                record.TryGetProperty(name, out var value)
                    ? value.ValueKind == JsonValueKind.Array
                        ? string.Join(", ", value.EnumerateArray().Select(v => v.ToString()))
                        : value.ToString()
                    : "";
            if (Of("subj") != pseudonym)
                continue;
            found++;
            table.AddRow(
                entry.Index.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(Of("ts").Replace('T', '\n').TrimEnd('Z')),
                Markup.Escape(Of("cli")),
                Markup.Escape(Of("purp") + "\n" + Of("agr")),
                Markup.Escape(Of("match") + Of("code")),
                Markup.Escape(Of("fld").Replace(", ", "\n", StringComparison.Ordinal))
            );
        }
        console.Write(table);
        _guide.Claim(found >= 2, "both questions of this walk stand there, each with its purpose");
    }

    private Task<Reply> Ask(string client, string token, string path, string body, params (string Name, string Value)[] headers) =>
        Reply.Ask(town.ClientAs(client), town.File.Gateway + path, token, body, "application/json", headers);

    /// <summary>A record is durable when the answer arrives, and published within a second.</summary>
    private async Task Published(Reply reply)
    {
        if (!Ledger.ReceiptHeader.TryParse(reply.Receipt, out var receipt))
            return;
        for (var i = 0; i < 100 && (town.Ledger.Published?.Size ?? 0) < receipt.Size; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), town.Options.Clock);
    }
}
