using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary><c>institution ID</c>: one stand-in alone, with the certificates of a prepared state folder.</summary>
internal static class InstitutionCommand
{
    private static readonly Argument<string> Id = new("id") { Description = "menps, dfp, mesri, anapec, msps or cnss" };
    private static readonly Option<int?> Port = TownOptionsOf.Port("Port; the one that the prepared contracts name when left out");
    private static readonly Option<string> Bind = TownOptionsOf.With<string>(
        "--bind",
        "localhost, or * to listen on every address, for containers",
        static bind => bind is "localhost" or "*",
        "localhost or *"
    );

    private static readonly Option<string?> Address = TownOptionsOf.With<string?>(
        "--address",
        "Scheme, host and port under which the gateway knows it; as the prepared contracts say when left out",
        static address => address is null || TownOptionsOf.IsAddress(address),
        "an https address without path (https://menps:9443)"
    );

    private static readonly Option<int> Pupils = TownOptionsOf.Pupils();

    public static Command Create()
    {
        Bind.DefaultValueFactory = static _ => "localhost";
        var command = new Command("institution", "Plays one institution alone.") { Id, Port, Bind, Address, Pupils };
        command.SetAction(
            async (parsed, stop) =>
            {
                var id = parsed.GetValue(Id)!;
                if (!TownOptionsOf.IsPlayed(id))
                    throw new InvalidDataException($"'{id}' is not played here; there are {string.Join(", ", InstitutionCatalogue.Ids)}.");
                var state = new StateFolder(parsed.GetValue(SandboxCommand.State)!);
                using var pki = new DevelopmentPki(state, TimeProvider.System);
                var address = parsed.GetValue(Address)
                    ?? InstitutionFile.ProviderAddress(state.At("contracts", "institutions", id + ".yaml"));
                var options = new StandInOptions
                {
                    Institution = id,
                    Port = parsed.GetValue(Port) ?? (address is null ? TownPorts.Usual.Institutions[id] : new Uri(address).Port),
                    AnyAddress = parsed.GetValue(Bind) == "*",
                    BaseAddress = address,
                    Certificate = pki.Provider(id),
                    GatewayAuthority = pki.AuthorityFile(DevelopmentPki.Servers),
                    AssertionKey = new SigningKeys(state).Public(GatewayKeys.AssertionKey),
                };
                var operations = InstitutionCatalogue.Operations(id, new SchoolCalendar(TimeProvider.System), parsed.GetValue(Pupils));
                await using var standIn = await StandIn.StartAsync(options, operations, TimeProvider.System);
                Console.WriteLine($"{id} listens on {standIn.Address}; control page {standIn.Address}control/received");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 0;
            }
        );
        return command;
    }
}
