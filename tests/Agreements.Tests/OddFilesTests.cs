using System.Diagnostics;
using System.Net.Sockets;
using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>What is no plain file is refused with its name; it holds up nobody, and what is in force stays in force.</summary>
[Trait("Tier", "Whole")]
public sealed class OddFilesTests
{
    public static TheoryData<string> Folders => new("agreements", "institutions", "openapi", "fhir", "reference", "former");

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_pipe_is_refused_at_once(string folder)
    {
        using var contracts = new TheContracts();
        Pipe(contracts.At($"{folder}/pipe.yaml"));
        Assert.Equal($"{folder}/pipe.yaml", (await WrongAsync(contracts)).File);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_folder_a_socket_and_a_device_are_refused(string folder)
    {
        using var contracts = new TheContracts();
        var path = contracts.At($"{folder}/odd.yaml");
        Directory.CreateDirectory(path);
        Assert.Equal($"{folder}/odd.yaml", (await WrongAsync(contracts)).File);
        Directory.Delete(path);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            Assert.Equal($"{folder}/odd.yaml", (await WrongAsync(contracts)).File);
        }
        File.Delete(path);
        foreach (var target in (string[])["/dev/zero", "/dev/null", "/dev/tty", "/nowhere/at/all", "/proc/self/mem"])
        {
            File.CreateSymbolicLink(path, target);
            Assert.Equal($"{folder}/odd.yaml", (await WrongAsync(contracts)).File);
            File.Delete(path);
        }
        contracts.Registry();
    }

    [Theory]
    [InlineData("suspensions.yaml")]
    [InlineData("approvals.yaml")]
    [InlineData("reference")]
    [InlineData("former")]
    public async Task A_pipe_in_the_place_of_a_file_or_a_folder_is_refused(string name)
    {
        using var contracts = new TheContracts();
        if (Directory.Exists(contracts.At(name)))
            Directory.Delete(contracts.At(name), recursive: true);
        else
            File.Delete(contracts.At(name));
        Pipe(contracts.At(name));
        Assert.Contains((await LoadAsync(contracts)).Errors, error =>
            error.File == name && error.Severity is LoadSeverity.Error && error.What.StartsWith("no ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_examples_beside_the_table_of_FHIR_elements_are_for_people()
    {
        using var contracts = new TheContracts();
        Directory.CreateDirectory(contracts.At("fhir/examples"));
        File.WriteAllText(contracts.At("fhir/examples/bundle.json"), "{}");
        contracts.Registry();
    }

    [Fact]
    public async Task A_link_may_lead_within_the_folder_and_not_out_of_it()
    {
        using TheContracts contracts = new(),
            others = new();
        var path = contracts.At("agreements/ANSS-ANAPEC-2026-01.yaml");
        Directory.CreateDirectory(contracts.At("..data-1"));
        File.Move(path, contracts.At("..data-1/moved"));
        File.CreateSymbolicLink(path, "../..data-1/moved");
        contracts.Registry();
        File.Delete(path);
        File.CreateSymbolicLink(path, others.At("agreements/ANSS-ANAPEC-2026-01.yaml"));
        Assert.Equal("a link that leads out of the contracts folder", (await WrongAsync(contracts)).What);
    }

    [Fact]
    public async Task A_file_of_any_size_costs_no_more_than_a_megabyte()
    {
        using var contracts = new TheContracts();
        await using (var file = File.Create(contracts.At("agreements/ANSS-HUGE-2026-01.yaml")))
            file.SetLength(1L << 40);
        Assert.Equal("larger than 1048576 bytes", (await WrongAsync(contracts)).What);
    }

    [Fact]
    public void A_file_that_looks_like_law_and_that_nobody_reads_is_refused()
    {
        using var contracts = new TheContracts();
        contracts.Write("suspensions.yml", "schema: gateway.suspensions/1\n");
        Assert.Contains(contracts.Load().Errors, error => error is { File: "suspensions.yml", Severity: LoadSeverity.Error });
    }

    [Theory]
    [InlineData("ANSS-ANAPEC-2026-01\n.yaml")]
    [InlineData("ANSS-\u202EANAPEC-2026-01.yaml")]
    [InlineData("ANSS ANAPEC 2026 01.yaml")]
    [InlineData("ANSS-АNAPEC-2026-01.yaml")]
    public void A_name_that_is_not_what_it_seems_is_refused_in_one_line(string name)
    {
        using var contracts = new TheContracts();
        File.Copy(contracts.At("agreements/ANSS-ANAPEC-2026-01.yaml"), contracts.At("agreements/" + name));
        var wrong = Assert.Single(contracts.Load().Errors, static error => error.Severity is LoadSeverity.Error);
        Assert.Equal("a name that is shown in two ways", wrong.What);
        Assert.DoesNotContain(wrong.ToString(), static sign => sign is '\n' or '\u202E');
    }

    [Fact]
    public void What_a_file_says_makes_no_second_line_in_a_log_and_no_long_one()
    {
        using var contracts = new TheContracts();
        var key = $"\"x\\n2026-11-21 [ERR] \\u001b[2J{new string('y', 900)}\"";
        contracts.Write("suspensions.yaml", $"schema: gateway.suspensions/1\n{key}: 1\n");
        var line = Assert.Single(contracts.Load().Errors, static error => error.File == "suspensions.yaml").ToString();
        Assert.True(line.Length <= 1000);
        Assert.DoesNotContain(line, char.IsControl);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("circle of links")]
    [InlineData("link to nowhere")]
    public async Task A_folder_that_cannot_be_listed_keeps_no_stop_from_holding(string instead)
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        Directory.Delete(contracts.At("openapi"), recursive: true);
        var target = contracts.At(instead == "circle of links" ? "openapi" : "nowhere");
        if (instead == "file")
            contracts.Write("openapi", "");
        else
            File.CreateSymbolicLink(contracts.At("openapi"), target);
        Assert.ThrowsAny<IOException>(() => Directory.GetFiles(contracts.At("openapi"))); // by any user, root too
        StopsAloneTests.Append(contracts, "  - { kind: client, id: anss-batch, by: anss, since: 2026-10-01 }\n");
        await StopsAloneTests.Until(() => watcher.Current.IsSuspended(SuspendedKind.Client, "anss-batch"));
    }

    [Fact]
    public void An_operators_file_that_is_no_file_is_refused_at_once()
    {
        using var contracts = new TheContracts();
        Pipe(contracts.At("operators"));
        Assert.Contains(
            "no plain file",
            Assert.Throws<InvalidDataException>(() => OperatorSet.FromFile(contracts.At("operators"))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidDataException>(() => OperatorSet.FromFile("/dev/zero"));
    }

    private static async Task<LoadError> WrongAsync(TheContracts contracts) =>
        Assert.Single((await LoadAsync(contracts)).Errors, error => error.Severity is LoadSeverity.Error);

    private static Task<RegistryLoad> LoadAsync(TheContracts contracts) => Task.Run(contracts.Load).WaitAsync(TimeSpan.FromSeconds(30));

    internal static void Pipe(string path)
    {
        using var made = Process.Start("mkfifo", path);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
