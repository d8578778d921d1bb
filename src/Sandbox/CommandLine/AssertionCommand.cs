using System.CommandLine;

namespace Sandbox.CommandLine;

/// <summary>
/// <c>assertion CLIENT</c>: a client assertion of one minute on standard output, for trying <c>private_key_jwt</c> with curl.
/// </summary>
internal static class AssertionCommand
{
    private static readonly Argument<string> Client = new("client") { Description = "Client id of sandbox.json" };

    public static Command Create()
    {
        var command = new Command("assertion", "Prints a client assertion, valid for a minute and once.") { Client };
        command.SetAction(parsed =>
        {
            var (town, id) = (SandboxCommand.Town(parsed), parsed.GetValue(Client)!);
            var signers = string.Join(
                ", ",
                town.Clients.Where(static one => one.Key is not null).Select(static one => one.Id).Distinct(StringComparer.Ordinal)
            );
            var right = town.Clients.FirstOrDefault(one => one.Id == id)
                ?? throw new InvalidDataException($"'{id}' is no client of sandbox.json; those that sign are {signers}");
            if (right.Key is null)
                throw new InvalidDataException($"'{id}' proves itself by its certificate and signs nothing; those that sign are {signers}");
            using var partner = new Partner(town, right);
            Console.WriteLine(partner.Assertion());
            return 0;
        });
        return command;
    }
}
