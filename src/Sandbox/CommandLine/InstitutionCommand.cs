using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary><c>institution ID</c>: one stand-in alone, with the certificates of a prepared state folder.</summary>
internal static class InstitutionCommand
{
    private static readonly Argument<string> Id = new("id") { Description = "menps, dfp, mesri, anapec, msps or cnss" };
    private static readonly Option<int?> Port = new("--port") { Description = "Port; the usual one of the institution when left out" };
    private static readonly Option<string> Bind = new("--bind") { Description = "localhost, or * to listen on every address, for containers", DefaultValueFactory = _ => "localhost" };
    private static readonly Option<string?> Address = new("--address") { Description = "Scheme, host and port under which the gateway knows it; as the prepared contracts say when left out" };
    private static readonly Option<int> Pupils = new("--pupils") { Description = "Pupils in the ministry's register", DefaultValueFactory = _ => PupilGenerator.Population };

    public static Command Create()
    {
        var command = new Command("institution", "Plays one institution alone.") { Id, Port, Bind, Address, Pupils };
        command.SetAction(async (parsed, stop) =>
        {
            var id = parsed.GetValue(Id)!;
            if (!InstitutionCatalogue.Ids.Contains(id)) return Refuse(id);
            var state = new StateFolder(parsed.GetValue(SandboxCommand.State)!);
            using var pki = new DevelopmentPki(state, TimeProvider.System);
            var options = new StandInOptions
            {
                Institution = id,
                Port = parsed.GetValue(Port) ?? TownPorts.Usual.Institutions[id],
                AnyAddress = parsed.GetValue(Bind) == "*",
                BaseAddress = parsed.GetValue(Address) ?? InstitutionFile.ProviderAddress(state.At("contracts", "institutions", id + ".yaml")),
                Certificate = pki.Provider(id),
                GatewayAuthority = pki.AuthorityFile(DevelopmentPki.Servers),
                AssertionKey = new SigningKeys(state).Public(GatewayKeys.AssertionKey),
            };
            var operations = InstitutionCatalogue.Operations(id, new SchoolCalendar(TimeProvider.System), parsed.GetValue(Pupils));
            await using var standIn = await StandIn.StartAsync(options, operations, TimeProvider.System);
            Console.WriteLine($"{id} listens on {standIn.Address}; control page {standIn.Address}control/received");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        });
        return command;
    }

    private static int Refuse(string id)
    {
        Console.Error.WriteLine($"'{id}' is not played here; there are {string.Join(", ", InstitutionCatalogue.Ids)}.");
        return 2;
    }
}
