using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Agreements.Loading;
using Sandbox.CommandLine;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests;

[Trait("Tier", "Whole")]
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryState _state = new();

    [Fact]
    public async Task Certificates_are_made_for_every_part_of_the_town()
    {
        Assert.Equal(0, await Run("certs", "--state", _state.Folder.Root, "--host", "gateway", "--officer", "amal"));
        foreach (
            var file in new[]
            {
                "servers/gateway",
                "servers/authority",
                "servers/gateway-client",
                "providers/menps",
                "clients/anss-eligibility",
                "officers/amal",
            }
        )
            Assert.True(File.Exists(_state.Folder.At("pki", file + ".pem")) && File.Exists(_state.Folder.At("pki", file + ".key")), file);
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        using var gateway = pki.Server("gateway").Load();
        Assert.True(gateway.MatchesHostname("gateway"));
    }

    [Fact]
    public async Task A_folder_is_prepared_for_programs_that_run_apart()
    {
        Assert.Equal(
            0,
            await Run(
                "prepare",
                "--state",
                _state.Folder.Root,
                "--authority-host",
                "authority",
                "--gateway-host",
                "gateway",
                "--provider-host",
                "education",
                "--provider",
                "menps=https://menps:9443",
                "--pupils",
                "10"
            )
        );
        var load = RegistryLoader.Load(_state.Folder.At("contracts"), TimeProvider.System);
        Assert.Equal("https://menps:9443/exchange", load.Registry!.Institutions["menps"].Provider!.BaseAddress.ToString());
        Assert.All(load.Registry.Agreements.Values, a => Assert.True(a.Signed));
        foreach (
            var file in new[]
            {
                "dossiers.ndjson",
                "keys/gateway/sector.education.key",
                "keys/gateway/dossier.key",
                "keys/gateway-assertion.key",
                "keys/authority-passphrase.key",
            }
        )
            Assert.True(File.Exists(_state.Folder.At(file)), file);
        Assert.NotEmpty(Directory.GetFiles(_state.Folder.At("keys"), "log-*.key"));
        Assert.Equal("https://education:9444/exchange", load.Registry.Institutions["dfp"].Provider!.BaseAddress.ToString());
        var gateway = JsonDocument.Parse(await File.ReadAllTextAsync(_state.Folder.At("gateway.json"))).RootElement.GetProperty("Gateway");
        Assert.Equal(
            ("https://gateway:8443", "*", "https://authority:7443"),
            (
                gateway.GetProperty("Resource").GetString(),
                gateway.GetProperty("Bind").GetString(),
                gateway.GetProperty("Issuer").GetString()
            )
        );
        var town = JsonDocument.Parse(await File.ReadAllTextAsync(_state.Folder.At("sandbox.json"))).RootElement;
        Assert.Equal("https://authority:7444/connect/token", town.GetProperty("tokenEndpoint").GetString());
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        using var server = pki.Provider("menps").Load();
        Assert.True(server.MatchesHostname("menps") && server.MatchesHostname("localhost"));
    }

    [Fact]
    public async Task A_folder_is_prepared_for_ports_of_its_own()
    {
        Assert.Equal(0, await Run("prepare", "--state", _state.Folder.Root, "--pupils", "10", "--port-base", "15100"));
        var town = JsonDocument.Parse(await File.ReadAllTextAsync(_state.Folder.At("sandbox.json"))).RootElement;
        Assert.Equal(
            ("https://localhost:15100", "https://localhost:15102"),
            (town.GetProperty("issuer").GetString(), town.GetProperty("gateway").GetString())
        );
        Assert.Equal(
            "https://localhost:15105/exchange",
            RegistryLoader
                .Load(_state.Folder.At("contracts"), TimeProvider.System)
                .Registry!.Institutions["menps"]
                .Provider!.BaseAddress.ToString()
        );
        Assert.True(File.Exists(town.GetProperty("operate").GetProperty("operators").GetString()));
        Assert.EndsWith("run/ledger.sock", town.GetProperty("ledger").GetProperty("socket").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port-base takes a port from 1 to 65523", "--port-base", "70000")]
    [InlineData("Cannot parse argument 'many' for option '--port-base'.", "prepare", "--port-base", "many")]
    [InlineData("--provider takes ID=https://host:port, with one of ", "prepare", "--provider", "menps")]
    [InlineData("--provider takes ID=https://host:port, with one of ", "prepare", "--provider", "menps=http://menps:9443")]
    [InlineData("--provider takes ID=https://host:port, with one of ", "prepare", "--provider", "nobody=https://menps:9443")]
    [InlineData("--gateway-host takes a host name", "prepare", "--gateway-host", "a b")]
    [InlineData("--pupils takes a number from 0 to ", "prepare", "--pupils", "-1")]
    [InlineData("--contracts takes a folder with institutions/ and agreements/ in it", "--contracts", "/nowhere", "--once")]
    [InlineData("--bind takes localhost or *", "institution", "menps", "--bind", "1.2.3.4")]
    [InlineData("--address takes an https address without path", "institution", "menps", "--address", "menps:9443")]
    [InlineData("--officer takes ids of small letters, digits and hyphens", "certs", "--officer", "../amal")]
    [InlineData("Unrecognized command or argument 'aks'.", "aks")]
    [InlineData("sandbox.json is not there: start the sandbox", "ask")]
    [InlineData("sandbox.json is not there: start the sandbox", "assertion", "anss-eligibility")]
    public async Task Wrong_words_end_in_a_sentence_and_with_2(string sentence, params string[] arguments)
    {
        var (code, told) = await Elsewhere([.. arguments, "--state", _state.Folder.Root]);
        Assert.Equal(2, code);
        Assert.Contains(sentence, told, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assertion_is_made_for_a_system_that_signs_and_for_no_other()
    {
        Assert.Equal(0, await Run("prepare", "--state", _state.Folder.Root, "--pupils", "10"));
        Assert.Equal(0, (await Elsewhere(["assertion", "anss-eligibility", "--state", _state.Folder.Root])).Code);
        foreach (
            var (client, words) in new[]
            {
                ("nobody", "'nobody' is no client of sandbox.json"),
                ("anss-inclusion", "'anss-inclusion' proves itself by its certificate"),
            }
        )
        {
            var (code, told) = await Elsewhere(["assertion", client, "--state", _state.Folder.Root]);
            Assert.Equal(2, code);
            Assert.Contains(words, told, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(_state.Folder.At("sandbox.json"), "{}", TestContext.Current.CancellationToken);
        Assert.Contains(
            "is not what a sandbox writes there",
            (await Elsewhere(["ask", "--state", _state.Folder.Root])).Told,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Fresh_takes_back_all_that_a_town_left_in_its_folder()
    {
        await using (await Town.StartAsync(new TownOptions { State = _state.Folder.Root, Pupils = 10 })) { }
        FreshState.Delete(_state.Folder.Root);
        Assert.Equal([StateLock.File], Directory.GetFileSystemEntries(_state.Folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Configuration_files_hold_paths_of_keys_and_no_key()
    {
        Assert.Equal(0, await Run("prepare", "--state", _state.Folder.Root, "--pupils", "10"));
        var written =
            await File.ReadAllTextAsync(_state.Folder.At("gateway.json"))
            + await File.ReadAllTextAsync(_state.Folder.At("authority.json"))
            + await File.ReadAllTextAsync(_state.Folder.At("sandbox.json"));
        foreach (var key in Directory.GetFiles(_state.Folder.At("keys"), "*.key", SearchOption.AllDirectories))
        {
            var secret = (await File.ReadAllTextAsync(key))
                .Split('\n')
                .First(l => !l.StartsWith("-----", StringComparison.Ordinal) && l.Length > 0)
                .Trim();
            Assert.DoesNotContain(secret, written, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_institution_starts_alone()
    {
        var port = TownPorts.Free().Institutions["cnss"];
        using var end = new CancellationTokenSource();
        var running = SandboxCommand.RunAsync(["institution", "cnss", "--state", _state.Folder.Root, "--port", $"{port}"], end.Token);
        using var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }
        );
        var answered = false;
        for (var i = 0; i < 200 && !answered; i++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"https://localhost:{port}/control/received"));
                answered = response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
        await end.CancelAsync();
        Assert.True(answered);
        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line_and_ends_with_2()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        Assert.Equal(2, await Run("--once", "--state", _state.Folder.Root, "--port-base", $"{port}"));
        Assert.False(File.Exists(_state.Folder.At("sandbox.json")));
    }

    [Fact]
    public async Task A_second_process_on_a_folder_in_use_changes_nothing_there_and_is_told_so()
    {
        using (StateLock.Take(_state.Folder.Root))
        {
            foreach (var (folder, file) in ((string, string)[])[("ledger", "segment"), ("contracts", "law.yaml"), ("spool", "a.results")])
                await File.WriteAllTextAsync(Path.Combine(_state.Folder.Folder(folder), file), "x", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(_state.Folder.At("sandbox.json"), "{}", TestContext.Current.CancellationToken);
            var before = Listing();
            foreach (
                var arguments in (string[][])
                    [
                        ["--once"],
                        ["--once", "--fresh"],
                        ["prepare", "--pupils", "10"],
                        ["certs"],
                    ]
            )
            {
                var (code, told) = await Elsewhere([.. arguments, "--state", _state.Folder.Root]);
                Assert.Equal(2, code);
                Assert.Contains("Another sandbox is at work", told, StringComparison.Ordinal);
                Assert.Equal(before, Listing());
            }
        }

        // The other process has ended, in whatever way: nothing stays locked.
        Assert.Equal(0, (await Elsewhere(["certs", "--state", _state.Folder.Root])).Code);
    }

    [Fact]
    public void Fresh_keeps_the_lock_of_a_folder_that_is_held()
    {
        using var held = StateLock.Take(_state.Folder.Root);
        _state.Folder.Folder("ledger");
        FreshState.Delete(_state.Folder.Root);
        Assert.Equal([StateLock.File], Directory.GetFileSystemEntries(_state.Folder.Root).Select(Path.GetFileName));
        Assert.Throws<IOException>(() => StateLock.Take(_state.Folder.Root));
    }

    [Fact]
    public async Task An_unknown_institution_is_named() =>
        Assert.Equal(2, await Run("institution", "nowhere", "--state", _state.Folder.Root));

    [Fact]
    public void Fresh_deletes_what_the_sandbox_made_and_nothing_else()
    {
        _state.Folder.Folder("pki");
        _state.Folder.Folder("ledger");
        File.WriteAllText(_state.Folder.At("thesis.txt"), "");
        Assert.Throws<InvalidOperationException>(() => FreshState.Delete(_state.Folder.Root));
        Assert.True(File.Exists(_state.Folder.At("thesis.txt")));
        File.Delete(_state.Folder.At("thesis.txt"));
        FreshState.Delete(_state.Folder.Root);
        Assert.False(Directory.Exists(_state.Folder.Root));
        FreshState.Delete(_state.Folder.Root);
        Directory.CreateDirectory(_state.Folder.Root);
    }

    public void Dispose() => _state.Dispose();

    private string[] Listing() =>
        [.. Directory.GetFileSystemEntries(_state.Folder.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static async Task<(int Code, string Told)> Elsewhere(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Sandbox.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var told = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, told);
    }

    private static Task<int> Run(params string[] arguments) => SandboxCommand.RunAsync(arguments);
}
