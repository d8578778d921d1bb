using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Walk;
using Spectre.Console;
using Xunit;

namespace Sandbox.Tests;

/// <summary>One town for all tests of this class, driven by what stands in <c>sandbox.json</c>.</summary>
[Trait("Tier", "Whole")]
public sealed class RunningTown : IAsyncLifetime
{
    private readonly TemporaryState _state = new();

    public Town Town { get; private set; } = null!;

    public SandboxFile File { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Town = await Town.StartAsync(
            new TownOptions
            {
                State = _state.Folder.Root,
                Ports = TownPorts.Free(),
                Pupils = 2000,
            }
        );
        File = JsonSerializer.Deserialize<SandboxFile>(
            await System.IO.File.ReadAllTextAsync(_state.Folder.At("sandbox.json")),
            JsonSerializerOptions.Web
        )!;
    }

    public async ValueTask DisposeAsync()
    {
        await Town.DisposeAsync();
        _state.Dispose();
    }
}

[Trait("Tier", "Whole")]
public sealed class TownTests(RunningTown running) : IClassFixture<RunningTown>
{
    [Fact]
    public async Task A_newcomer_walks_through_without_a_surprise()
    {
        using var screen = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(screen),
                Ansi = AnsiSupport.No,
                Interactive = InteractionSupport.No,
            }
        );
        console.Profile.Width = 120;
        var failures = await new Newcomer(running.Town, console).Walk();
        Assert.True(failures == 0, screen.ToString());
        Assert.DoesNotContain("SecretKey", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("what the ministry answered the gateway", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_right_of_sandbox_json_gets_its_token()
    {
        foreach (var right in running.File.Clients)
        {
            using var partner = new Partner(running.File, right);
            using var response = await partner.RequestToken();
            Assert.True(
                response.StatusCode == HttpStatusCode.OK,
                $"{right.Id} {right.Agreement} {right.Purpose}: {await response.Content.ReadAsStringAsync()}"
            );
        }
    }

    [Theory]
    [InlineData("enrolled", "MATCHED", "ENROLLED")]
    [InlineData("notEnrolled", "MATCHED", "NOT_ENROLLED")]
    [InlineData("droppedOut", "MATCHED", "DROPPED_OUT")]
    [InlineData("pending", "MATCHED", "PENDING")]
    [InlineData("notFound", "NOT_FOUND", null)]
    [InlineData("ambiguous", "AMBIGUOUS", null)]
    public async Task The_persons_of_sandbox_json_are_what_they_are_called(string person, string match, string? status)
    {
        using var partner = new Partner(running.File, running.File.Clients[0]);
        var token = await partner.Token("education.school-enrolment.read");
        var body = JsonSerializer.Serialize(
            new { subject = running.File.Persons[person], schoolYear = running.File.SchoolYear },
            JsonSerializerOptions.Web
        );
        var reply = await Reply.Ask(
            partner.Http,
            running.File.Gateway + "/education/v1/school-enrolments/query",
            token,
            body,
            "application/json"
        );
        Assert.Equal(match, reply.At("matchStatus"));
        Assert.Equal(status, reply.At("enrolment.status"));
        Assert.NotEmpty(reply.Receipt);
    }

    [Fact]
    public async Task A_release_list_edited_in_the_state_folder_is_law_as_a_new_version_alone()
    {
        const string Id = "ANSS-ANAPEC-2026-01";
        var right = running.File.Clients.First(c => c is { Id: "anss-eligibility", Purpose: "ASD_ELIGIBILITY", Agreement: Id });
        using var partner = new Partner(running.File, right);
        var body = JsonSerializer.Serialize(new { subject = running.File.Persons["jobSeeker"] }, JsonSerializerOptions.Web);
        async Task<string?> Since()
        {
            var address = running.File.Gateway + "/employment/v1/job-seeker-status/query";
            return (await Reply.Ask(partner.Http, address, await partner.Token(), body, "application/json")).At("jobSeeker.since");
        }

        Assert.Null(await Since());
        var path = Path.Combine(running.Town.Contracts.Folder, "agreements", "ANSS-ANAPEC-2026-01.yaml");
        var text = await System.IO.File.ReadAllTextAsync(path);
        var edited = text.Replace("release: [jobSeeker.status]", "release: [jobSeeker.status, jobSeeker.since]", StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(path, edited);
        bool IsRefused() => running.Town.Law.LastErrors.Any(static error => error.What == "version 1 has been law here with another text");
        await Soon(() => Task.FromResult(IsRefused()));
        Assert.Null(await Since());
        await System.IO.File.WriteAllTextAsync(path, edited.Replace("version: 1\n", "version: 2\nreplaces: 1\n", StringComparison.Ordinal));
        await Soon(async () => running.Town.Law.Current.Agreements[Id] is { Version: 2, Signed: true } && await Since() is not null);
    }

    private static async Task Soon(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }
        Assert.Fail("it did not come");
    }

    [Fact]
    public async Task A_stand_in_can_be_switched_with_its_address_alone()
    {
        using var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }
        );
        var dfp = running.File.Providers.Single(p => p.Id == "dfp").Url;
        using var busy = new StringContent("""{"mode":"busy"}""");
        using var set = await http.PutAsync(new Uri(dfp + "/control/behavior"), busy);
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        Assert.Equal(
            Sandbox.Institutions.Behaviors.BehaviorMode.Busy,
            running.Town["dfp"].Behaviors.Take("education.school-enrolment.read").Mode
        );
        running.Town["dfp"].Behaviors.Clear();
    }

    [Fact]
    public async Task The_metrics_page_answers()
    {
        using var http = new HttpClient();
        Assert.Contains("# TYPE", await http.GetStringAsync(running.File.Metrics), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_curl_commands_work_as_printed()
    {
        if (!OperatingSystem.IsLinux() || !System.IO.File.Exists("/usr/bin/curl"))
            Assert.Skip("needs curl");
        var commands = Commands.Of(running.File);
        var (status, output) = await Shell(commands);
        Assert.True(status == 0, output);
        Assert.Equal(Count(commands, "TOKEN=$("), Count(output, "HTTP/2 200") + Count(output, "HTTP/1.1 200"));
        foreach (var expected in new[] { "REGISTERED", "MATCHED", "udit-", "# TYPE" })
            Assert.Contains(expected, output, StringComparison.OrdinalIgnoreCase);
        running.Town["menps"].Behaviors.Clear();
    }

    [Fact]
    public void The_file_holds_the_stand_ins_in_the_order_of_the_catalogue() =>
        Assert.Equal(InstitutionCatalogue.Ids, running.File.Providers.Select(p => p.Id));

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<(int Status, string Output)> Shell(string commands)
    {
        using var shell = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/bash", ["-e"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        shell.Start();
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        await shell.StandardInput.WriteAsync(commands);
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, await output + await errors);
    }
}
