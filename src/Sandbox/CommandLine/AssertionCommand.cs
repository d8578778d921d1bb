using System.CommandLine;
using System.Text.Json;
using Sandbox.Deployment;

namespace Sandbox.CommandLine;

/// <summary><c>assertion CLIENT</c>: a client assertion of one minute on standard output, for trying <c>private_key_jwt</c> with curl.</summary>
internal static class AssertionCommand
{
    private static readonly Argument<string> Client = new("client") { Description = "Client id of sandbox.json" };

    public static Command Create()
    {
        var command = new Command("assertion", "Prints a client assertion, valid for a minute and once.") { Client };
        command.SetAction(parsed =>
        {
            var path = Path.Combine(parsed.GetValue(SandboxCommand.State)!, "sandbox.json");
            var town = JsonSerializer.Deserialize<SandboxFile>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
            using var partner = new Partner(town, town.Clients.First(c => c.Id == parsed.GetValue(Client)));
            Console.WriteLine(partner.Assertion());
            return 0;
        });
        return command;
    }
}
