using System.Net;
using System.Text.Json.Nodes;
using Agreements;
using Postgres;
using Sandbox.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Pki;
using Sandbox.Tests.Apart;
using Xunit;

namespace Sandbox.Tests.Documented;

/// <summary>
/// Every configuration that a page of this repository shows is started as it stands there, by the program that takes it, in a folder that
/// the sandbox
/// has prepared. Only the address of the database is this machine's.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class ConfigurationsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryState _state = new();
    private readonly TownPorts _ports = TownPorts.Free();
    private RealPostgres? _server;

    public static TheoryData<string> Blocks => [.. ConfigurationBlock.All().Select(static block => block.ToString())];

    public ValueTask InitializeAsync()
    {
        var providers = InstitutionCatalogue.Ids.ToDictionary(static id => id, id => $"https://localhost:{_ports.Institutions[id]}");
        PrepareCommand.Prepare(
            _state.Folder,
            new ApartHosts("localhost", "localhost", "localhost"),
            [],
            new DeploymentPlan { Source = ContractSource.Find(), Providers = [.. providers] },
            10,
            _ports
        );
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _state.Dispose();
    }

    [Fact]
    public void The_pages_show_some() => Assert.True(ConfigurationBlock.All().Count() >= 6);

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task A_documented_configuration_is_started_as_it_stands(string name)
    {
        var block = ConfigurationBlock.All().Single(one => one.ToString() == name);
        if (block.IsOperators)
        {
            OperatorsAreRead(block.Text);
            return;
        }

        var settings = block.Settings;
        if (block.Text.Contains("\"Postgres\"", StringComparison.Ordinal))
            settings = await AtHomeAsync(settings);
        foreach (var program in Programs(block))
            await StartsAsync(program, settings);
    }

    [Fact]
    public async Task The_commands_of_docker_compose_start_their_programs()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(ConfigurationBlock.Root, "docker-compose.yml"));
        var commands = lines
            .Select(static line => line.Trim())
            .Where(static line => line.StartsWith("command: [", StringComparison.Ordinal))
            .Select(line =>
                line["command: [".Length..^1]
                    .Split(", ")
                    .Select(word => word.Trim('"').Replace("/town", _state.Folder.Root, StringComparison.Ordinal))
                    .ToArray()
            )
            .ToArray();
        Assert.Equal(["prepare", "--config", "--config", "institution", "ask"], commands.Select(static command => command[0]));
        Assert.Equal(0, await SandboxCommand.RunAsync([.. commands[0], "--port-base", $"{_ports.Issuer}", "--pupils", "10"]));
        foreach (var command in commands.Where(static one => one[0] == "--config"))
            Assert.True(File.Exists(command[1]), command[1]);
        Assert.Contains(
            "\"*\"",
            await File.ReadAllTextAsync(
                commands.Single(static one => one[1].EndsWith("gateway.json", StringComparison.Ordinal))[1],
                TestContext.Current.CancellationToken
            ),
            StringComparison.Ordinal
        );
        await StartsAsync("Authority", []);
        await StartsAsync("Gateway", []);
    }

    private static string[] Programs(ConfigurationBlock block) =>
        block.Page switch
        {
            "src/Authority/README.md" => ["Authority"],
            "src/Tokens/README.md" when block.Settings.ContainsKey("Quotas") || block.Settings.ContainsKey("DossierStore") => ["Gateway"],
            "src/Tokens/README.md" => ["Gateway", "Authority"],
            _ => ["Gateway"],
        };

    private async Task StartsAsync(string program, JsonObject settings)
    {
        // The prepared file, with the members of the block in place of its own.
        var path = _state.Folder.At(program.ToLowerInvariant() + ".json");
        var file = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        foreach (var (name, value) in settings)
            file[program]![name] = value!.DeepClone();
        var tried = _state.Folder.At($"{program.ToLowerInvariant()}-tried.json");
        await File.WriteAllTextAsync(tried, file.ToJsonString(), TestContext.Current.CancellationToken);
        var operations =
            program == "Gateway"
                ? (int)file[program]!["OperationsPort"]!
                : int.Parse(((string)file[program]!["Operations"]!).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        await using var running = new RunningProgram(
            program,
            _state.Folder.Root,
            new Dictionary<string, string>(StringComparer.Ordinal),
            "--config",
            tried
        );
        using var http = new HttpClient();
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            Assert.False(running.HasExited, $"{program} ended:\n{running.Printed}");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{program} does not listen:\n{running.Printed}");
            try
            {
                using var live = await http.GetAsync(
                    new Uri($"http://localhost:{operations}/health/live"),
                    TestContext.Current.CancellationToken
                );
                if (live.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }
    }

    // The page's database stands on another host, so the connection is TLS with a certificate of the page's root, at this machine's
    // address.
    private async Task<JsonObject> AtHomeAsync(JsonObject settings)
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        var certificate = pki.Server("database");
        _server = RealPostgres.WithTls(certificate.Certificate, certificate.Key);
        await _server.Start();
        _server.Psql("postgres", "CREATE DATABASE exchange");
        File.Copy(_server.PasswordFile, _state.Folder.At("keys", "db-password"));
        return JsonNode
            .Parse(settings.ToJsonString().Replace("Host=db.internal", $"Host=localhost;Port={_server.Port}", StringComparison.Ordinal))!
            .AsObject();
    }

    private static void OperatorsAreRead(string text)
    {
        var number = 0;
        var keys = Directory.CreateTempSubdirectory("operators");
        try
        {
            var folder = new SigningKeys(new StateFolder(keys.FullName));
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line =>
                {
                    var jwk = folder.Public($"op-{++number}");
                    return line.Replace("\"x\":\"…\",\"y\":\"…\"", $"\"x\":\"{jwk.X}\",\"y\":\"{jwk.Y}\"", StringComparison.Ordinal);
                })
                .ToArray();
            var operators = OperatorSet.Read(string.Join('\n', lines));
            Assert.NotNull(operators.Find("op-1"));
            Assert.NotNull(operators.Find("op-2"));
        }
        finally
        {
            keys.Delete(recursive: true);
        }
    }
}
