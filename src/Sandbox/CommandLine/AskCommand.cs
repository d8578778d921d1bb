using System.CommandLine;
using System.Net;
using System.Text.Json;
using Ledger.Notes;
using Sandbox.Deployment;
using Sandbox.Walk;
using Verifier;

namespace Sandbox.CommandLine;

/// <summary>
/// <c>ask</c>: one question with what stands in <c>sandbox.json</c>, as the agency's system would; the receipt is verified.
/// </summary>
internal static class AskCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var command = new Command(
            "ask",
            "Asks whether the plain child is enrolled, and verifies the receipt. Waits a minute for the programs to come up."
        );
        command.SetAction(
            async (parsed, stop) =>
            {
                var town = SandboxCommand.Town(parsed);
                var reply = await Ask(town, stop);
                Console.WriteLine(Guide.Pretty(reply.Text));
                if (reply.At("enrolment.status") != "ENROLLED")
                {
                    await Console.Error.WriteLineAsync($"The answer is not the one expected of the plain child: status {reply.Status}.");
                    return 1;
                }

                var result = await Verify(town, reply, stop);
                Console.WriteLine(result.Sentence);
                return result.Holds ? 0 : 1;
            }
        );
        return command;
    }

    private static async Task<Reply> Ask(SandboxFile town, CancellationToken stop)
    {
        const string operation = "education.school-enrolment.read";
        var right = town.Clients.FirstOrDefault(one => one.Scopes.Contains(operation) && !one.Dpop)
            ?? throw new InvalidDataException($"no system of sandbox.json may ask {operation} now");
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var isLast = TimeProvider.System.GetElapsedTime(began) > Patience;
            try
            {
                using var partner = new Partner(town, right);
                var token = await partner.Token(operation);
                var body = JsonSerializer.Serialize(
                    new { subject = town.Persons["enrolled"], schoolYear = town.SchoolYear },
                    JsonSerializerOptions.Web
                );
                var reply = await Reply.Ask(
                    partner.Http,
                    town.Gateway + "/education/v1/school-enrolments/query",
                    token,
                    body,
                    "application/json"
                );
                if (reply.Status != (int)HttpStatusCode.ServiceUnavailable || isLast)
                    return reply;
            }
            catch (Exception fault)
                when (!isLast && fault is HttpRequestException or TokenRefused { Status: HttpStatusCode.ServiceUnavailable })
            {
                // Not up yet: the programs start side by side, and each waits for the other.
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
        }
    }

    /// <summary>A record is published within a second of the answer.</summary>
    private static async Task<CheckResult> Verify(SandboxFile town, Reply reply, CancellationToken stop)
    {
        var check = new ReceiptCheck(TrustPolicy.Of(VerifierKey.Parse(town.Ledger.Vkey)))
        {
            Body = reply.Body,
            Request = reply.Request,
            LogDirectory = town.Ledger.Directory,
        };
        for (var attempt = 0; ; attempt++)
        {
            var result = check.Run(reply.Receipt);
            if (result.Holds || attempt == 10)
                return result;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stop);
        }
    }
}
