using System.Diagnostics;
using Tokens.Operations;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>A start that is refused says what has to be mended, one sentence a fault and no stack, with exit code 2.</summary>
[Trait("Tier", "Whole")]
public sealed class RefusedStartTests : IDisposable
{
    private string _printed = "";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("start");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Gateway")]
    [InlineData("Authority")]
    public async Task A_file_of_settings_that_is_not_there_is_named(string program)
    {
        var (code, lines) = await Start(program, "--config", At("missing.json"));
        Assert.Equal(Startup.Refused, code);
        Assert.Equal([$"--config {At("missing.json")}: it is not there"], lines);
    }

    [Theory]
    [InlineData("Gateway", "ServerKey")]
    [InlineData("Authority", "ServerKey")]
    public async Task Every_setting_that_is_missing_has_a_sentence(string program, string setting)
    {
        var (code, lines) = await Start(program);
        Assert.Equal(Startup.Refused, code);
        Assert.Contains($"{program}:{setting} is not set", lines);
        Assert.True(lines.Length > 4);
        Assert.DoesNotContain(lines, static line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Gateway", "{", "json")]
    [InlineData("Gateway", """{"Gateway":{"DataProt":1}}""", "DataProt")]
    [InlineData("Authority", """{"Authority":{"Caps":{"Open":"x"}}}""", "Open")]
    [InlineData("Authority", """{"Authority":{"State":1,"State":2}}""", "State")]
    public async Task A_file_that_cannot_be_read_is_one_sentence(string program, string text, string named)
    {
        await File.WriteAllTextAsync(At(".settings.json"), text);
        var (code, lines) = await Start(program, "--config", ".settings.json"); // a name that begins with a dot is a name
        Assert.Equal(Startup.Refused, code);
        Assert.Contains(named, Assert.Single(lines), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named_before_anything_begins()
    {
        await File.WriteAllTextAsync(At("taken"), "");
        Directory.CreateDirectory(At("folder"));
        await File.WriteAllTextAsync(
            At("settings.json"),
            """
            {"Gateway":{"SubjectKeys":"/proc/x","Index":{"Folder":"taken"},"Spool":"taken/spool","LawBook":"folder",
            "RevocationBook":"taken/book","CertificatesSeen":"made/seen","Feeds":[{"Name":"a","Cursor":"/proc/x/cursor"}]}}
            """
        );
        var (code, lines) = await Start("Gateway", "--config", "settings.json");
        Assert.Equal(Startup.Refused, code);
        foreach (var setting in new[] { "SubjectKeys", "Index:Folder", "Spool" })
            Assert.Single(lines, line => Says(line, setting, "a folder that cannot be made, or not be written in"));
        foreach (var setting in new[] { "LawBook", "RevocationBook", "Feeds:a:Cursor" })
            Assert.Single(lines, line => Says(line, setting, "a file that cannot be written"));
        static bool Says(string line, string setting, string words) =>
            line.StartsWith($"Gateway:{setting} names ", StringComparison.Ordinal) && line.EndsWith(words, StringComparison.Ordinal);
        Assert.DoesNotContain(lines, static line => line.Contains("CertificatesSeen", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("made")));
        await File.WriteAllTextAsync(At("settings.json"), """{"Authority":{"State":"taken"}}""");
        (_, lines) = await Start("Authority", "--config", "settings.json");
        Assert.Contains(lines, static line => line.StartsWith("Authority:State names ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Gateway", "ServerKey", "0644", UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    [InlineData("Gateway", "ClientKey", "0604", UnixFileMode.OtherRead)]
    [InlineData("Gateway", "AssertionKey", "0640", UnixFileMode.GroupRead)]
    [InlineData("Gateway", "LedgerKey", "0620", UnixFileMode.GroupWrite)]
    [InlineData("Gateway", "Status:PasswordFile", "0644", UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    [InlineData("Gateway", "Index:PasswordFile", "0640", UnixFileMode.GroupRead)]
    [InlineData("Gateway", "Feeds:0:Key", "0640", UnixFileMode.GroupRead, "Feeds::Key")]
    [InlineData("Authority", "ServerKey", "0644", UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    [InlineData("Authority", "KeyPassphraseFile", "0640", UnixFileMode.GroupRead)]
    [InlineData("Authority", "Ledger:Key", "0640", UnixFileMode.GroupRead)]
    [InlineData("Authority", "Replay:PasswordFile", "0644", UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    public async Task A_secret_that_is_open_to_others_is_refused_by_its_setting(
        string program,
        string setting,
        string mode,
        UnixFileMode open,
        string? named = null
    )
    {
        Secret("secret", open);
        var (code, lines) = await Start(
            program,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [$"{program}__{setting.Replace(":", "__", StringComparison.Ordinal)}"] = At("secret"),
            }
        );
        Assert.Equal(Startup.Refused, code);
        Assert.Single(
            lines,
            $"{program}:{named ?? setting} names {At("secret")}, which is open to others than its owner (mode {mode}): chmod 0400"
        );
        Assert.DoesNotContain(lines, static line => line.Contains("do not tell", StringComparison.Ordinal));
        File.SetUnixFileMode(At("secret"), UnixFileMode.UserRead);
        (_, lines) = await Start(
            program,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [$"{program}__{setting.Replace(":", "__", StringComparison.Ordinal)}"] = At("secret"),
            }
        );
        Assert.DoesNotContain(lines, static line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Gateway", "Keys", "keys", "keys/dossier.key")]
    [InlineData("Gateway", "SubjectKeys", "keys", "keys/2026-Q4")]
    [InlineData("Authority", "State", "state", "state/keys/abc.pem")]
    [InlineData("Authority", "State", "state", "state/keys/nonce.secret")]
    public async Task A_folder_of_secrets_is_looked_through(string program, string setting, string folder, string file)
    {
        Secret(file, UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        var (code, lines) = await Start(
            program,
            new Dictionary<string, string>(StringComparer.Ordinal) { [$"{program}__{setting}"] = At(folder) }
        );
        Assert.Equal(Startup.Refused, code);
        var said = Assert.Single(lines, line => line.StartsWith($"{program}:{setting} names ", StringComparison.Ordinal));
        Assert.Contains($"{At(file)}, which is open to others than its owner (mode 0660)", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gateway", "--help", "Gateway [--config FILE]")]
    [InlineData("Gateway", "--version", "Gateway 1.")]
    [InlineData("Authority", "-h", "Authority [--config FILE]")]
    [InlineData("Authority", "--version", "Authority 1.")]
    public async Task A_program_tells_what_it_is_without_any_settings(string program, string argument, string told)
    {
        var (code, lines) = await Start(program, argument);
        Assert.Equal(0, code);
        Assert.Empty(lines);
        Assert.Contains(told, _printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_told_in_words_about_the_settings()
    {
        await File.WriteAllTextAsync(
            At("settings.json"),
            """
            {"Gateway":{"DataPort":"many","SourceTimeout":"5","Hosts":"localhost","Status":{"File":"a.db","Postgres":"Host=localhost"}}}
            """
        );
        var (_, lines) = await Start("Gateway", "--config", "settings.json");
        Assert.Equal(
            [
                "Gateway:DataPort must be a whole number",
                "Gateway:Hosts is a single value; it takes a list",
                "Gateway:SourceTimeout must be a time, written hours:minutes:seconds (00:00:05)",
            ],
            lines.Order(StringComparer.Ordinal)
        );
        await File.WriteAllTextAsync(
            At("settings.json"),
            """{"Gateway":{"Status":{"File":"a.db","Postgres":"Host=localhost"},"Quotas":{"File":"b.db"}}}"""
        );
        (_, lines) = await Start("Gateway", "--config", "settings.json");
        Assert.Contains("Gateway:Status names a File and Postgres: a store has one place, so leave one of them out", lines);
        Assert.Contains(lines, static line =>
            line.StartsWith("Gateway:Quotas names a File, which is not used here", StringComparison.Ordinal)
        );
        await File.WriteAllTextAsync(At("settings.json"), "{\n  \"Gateway\": {\n  !");
        (_, lines) = await Start("Gateway", "--config", "settings.json");
        Assert.Equal([$"--config {At("settings.json")}: it is no JSON: line 3, byte 3"], lines);
    }

    [Fact]
    public async Task Other_arguments_are_not_passed_over()
    {
        var (code, lines) = await Start("Gateway", "--konfig", "gateway.json");
        Assert.Equal(Startup.Refused, code);
        Assert.Single(lines);
    }

    [Fact]
    public void What_makes_law_lies_outside_the_folder_of_contracts_by_every_way_there()
    {
        var contracts = _folder.CreateSubdirectory("contracts").FullName;
        Directory.CreateSymbolicLink(At("door"), contracts);
        File.WriteAllText(Path.Combine(contracts, "operators.jsonl"), "");
        File.CreateSymbolicLink(At("operators.jsonl"), Path.Combine(contracts, "operators.jsonl"));
        File.WriteAllText(At("book.json"), "");
        File.CreateSymbolicLink(Path.Combine(contracts, "book.json"), At("book.json"));
        string[] within =
        [
            "contracts",
            "contracts/book",
            "contracts/a/../b",
            "door/book",
            "operators.jsonl",
            "contracts/book.json",
            "x/../contracts/a",
        ];
        foreach (var path in within)
        {
            var refused = Assert.Throws<StartRefused>(() => new SettingsCheck("S").Outside("LawBook", At(path), contracts).Throw());
            Assert.StartsWith("S:LawBook names ", Assert.Single(refused.Faults), StringComparison.Ordinal);
            Assert.Throws<StartRefused>(() => new SettingsCheck("S").Outside("LawBook", At(path), At("door") + "/").Throw());
        }
        foreach (var path in new[] { "book.json", "contracts-book.json", "contracts/../book", "other/contracts/book" })
            new SettingsCheck("S").Outside("LawBook", At(path), contracts).Throw();
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private void Secret(string name, UnixFileMode open)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), "do not tell");
        File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | open);
    }

    private Task<(int Code, string[] Lines)> Start(string program, params string[] arguments) =>
        Start(program, new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    private async Task<(int Code, string[] Lines)> Start(string program, Dictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var running = Process.Start(start)!;
        var output = running.StandardOutput.ReadToEndAsync();
        var said = await running.StandardError.ReadToEndAsync();
        _printed = await output;
        await running.WaitForExitAsync();
        return (running.ExitCode, said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
