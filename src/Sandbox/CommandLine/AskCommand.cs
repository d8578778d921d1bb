using System.CommandLine;
using System.Text.Json;
using Ledger.Notes;
using Sandbox.Deployment;
using Sandbox.Walk;
using Verifier;

namespace Sandbox.CommandLine;

/// <summary><c>ask</c>: one question with what stands in <c>sandbox.json</c>, as the agency's system would; the receipt is verified.</summary>
internal static class AskCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var command = new Command("ask", "Asks whether the plain child is enrolled, and verifies the receipt. Waits a minute for the programs to come up.");
        command.SetAction(async (parsed, stop) =>
        {
            var path = Path.Combine(parsed.GetValue(SandboxCommand.State)!, "sandbox.json");
            var town = JsonSerializer.Deserialize<SandboxFile>(await File.ReadAllTextAsync(path, stop), JsonSerializerOptions.Web)!;
            var reply = await Ask(town, stop);
            Console.WriteLine(Guide.Pretty(reply.Text));
            if (reply.At("enrolment.status") != "ENROLLED") return 1;
            var result = await Verify(town, reply, stop);
            Console.WriteLine(result.Sentence);
            return result.Holds ? 0 : 1;
        });
        return command;
    }

    private static async Task<Reply> Ask(SandboxFile town, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var partner = new Partner(town, town.Clients[0]);
                var token = await partner.Token("education.school-enrolment.read");
                var body = JsonSerializer.Serialize(new { subject = town.Persons["enrolled"], schoolYear = town.SchoolYear }, JsonSerializerOptions.Web);
                return await Reply.Ask(partner.Http, town.Gateway + "/education/v1/school-enrolments/query", token, body, "application/json");
            }
            catch (HttpRequestException) when (TimeProvider.System.GetElapsedTime(began) < Patience)
            {
                // Not up yet: the programs start side by side.
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
            }
        }
    }

    /// <summary>A record is published within a second of the answer.</summary>
    private static async Task<CheckResult> Verify(SandboxFile town, Reply reply, CancellationToken stop)
    {
        var check = new ReceiptCheck(TrustPolicy.Of(VerifierKey.Parse(town.Ledger.Vkey))) { Body = reply.Body, Request = reply.Request, LogDirectory = town.Ledger.Directory };
        for (var attempt = 0; ; attempt++)
        {
            var result = check.Run(reply.Receipt);
            if (result.Holds || attempt == 10) return result;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stop);
        }
    }
}
