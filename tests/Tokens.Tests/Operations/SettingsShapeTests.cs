using Microsoft.Extensions.Configuration;
using Tokens.Operations;
using Tokens.Stores;
using Xunit;

namespace Tokens.Tests.Operations;

/// <summary>What is wrong with settings is said in words about the setting, all of it at once, and no value is repeated.</summary>
public sealed class SettingsShapeTests
{
    public enum Answer
    {
        Yes,
        No,
    }

    public sealed class Settings
    {
        public int Port { get; set; }
        public int? Other { get; set; }
        public bool On { get; set; }
        public double Rate { get; set; }
        public TimeSpan Pause { get; set; }
        public Answer Fail { get; set; }
        public string Name { get; set; } = "";
        public List<string> Hosts { get; set; } = [];
        public Dictionary<string, Settings> Parts { get; } = [];
        public StoreSettings Status { get; set; } = StoreSettings.Usually("status.db");
    }

    [Theory]
    [InlineData("Port", "many", "S:Port must be a whole number")]
    [InlineData("Port", "99999999999", "S:Port must be a whole number")]
    [InlineData("Other", "x", "S:Other must be a whole number")]
    [InlineData("On", "perhaps", "S:On must be true or false")]
    [InlineData("Rate", "fast", "S:Rate must be a number")]
    [InlineData("Rate", "Infinity", "S:Rate must be a number")]
    [InlineData("Pause", "5 minutes", "S:Pause must be a time, written hours:minutes:seconds (00:00:05)")]
    [InlineData("Pause", "30", "S:Pause must be a time, written hours:minutes:seconds (00:00:05)")]
    [InlineData("Fail", "Maybe", "S:Fail must be Yes or No")]
    [InlineData("Fail", "1", "S:Fail must be Yes or No")]
    [InlineData("Name:x", "y", "S:Name must be a text, and holds several values")]
    [InlineData("Hosts", "localhost", "S:Hosts is a single value; it takes a list")]
    [InlineData("Parts", "x", "S:Parts is a single value; it takes names with values")]
    [InlineData("Parts:a", "x", "S:Parts:a is a single value; it takes settings of its own")]
    [InlineData("Parts:a:Prot", "1", "S:Parts:a:Prot: there is no such setting; the nearest is Port")]
    [InlineData("Passphrase", "secret", "S:Passphrase: there is no such setting")]
    [InlineData("Status:Fiel", "x", "S:Status:Fiel: there is no such setting; the nearest is File")]
    [InlineData("Status:Place", "x", "S:Status:Place: there is no such setting")]
    public void A_wrong_setting_is_one_sentence(string key, string value, string sentence)
    {
        var refused = Assert.Throws<StartRefused>(() => StrictSettings.Read<Settings>(With((key, value)), "S"));
        Assert.Equal([sentence], refused.Faults);
    }

    [Theory]
    [InlineData("--zzz", "\"--zzz\" is not understood; ")]
    [InlineData("--config a.json --zzz", "\"--zzz\" is not understood; ")]
    [InlineData("--config", "--config takes a file: ")]
    public void An_argument_that_is_not_understood_is_named(string words, string begins)
    {
        var refused = Assert.Throws<StartRefused>(() => Startup.Configuration(words.Split(' '), "usual.json"));
        Assert.StartsWith(begins, Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var refused = Assert.Throws<StartRefused>(() =>
            StrictSettings.Read<Settings>(With(("Port", "x"), ("Pots", "y"), ("Parts:a:On", "z")), "S")
        );
        Assert.Equal(3, refused.Faults.Count);
    }

    [Fact]
    public void What_is_right_is_read_whatever_its_case()
    {
        var read = StrictSettings.Read<Settings>(
            With(
                ("port", "5"),
                ("Other", ""),
                ("Pause", "00:00:02"),
                ("Fail", "no"),
                ("Hosts:0", "a"),
                ("Parts:a:Rate", "1.5"),
                ("Status:Postgres", "Host=localhost")
            ),
            "S"
        );
        Assert.Equal(
            (5, null, TimeSpan.FromSeconds(2), Answer.No, "a", 1.5),
            (read.Port, read.Other, read.Pause, read.Fail, read.Hosts[0], read.Parts["a"].Rate)
        );
        Assert.Null(read.Status.Fault()); // PostgreSQL in place of the usual file, not beside it
        Assert.Null(read.Status.Place);
    }

    [Theory]
    [InlineData("a.db", "Host=localhost", null, "names a File and Postgres: a store has one place, so leave one of them out")]
    [InlineData("a.db", null, "p", "names a PasswordFile, which only Postgres takes")]
    [InlineData(
        null,
        "Host=db.internal",
        null,
        "is refused: a PostgreSQL server on another host needs SSL Mode=VerifyFull and Root Certificate"
    )]
    [InlineData(
        null,
        "Host=localhost;Password=tell",
        null,
        "is refused: a password does not belong into the connection string: use PasswordFile, PGPASSWORD or PGPASSFILE"
    )]
    public void A_store_that_cannot_be_used_is_named(string? file, string? postgres, string? password, string words)
    {
        var store = new StoreSettings
        {
            File = file,
            Postgres = postgres,
            PasswordFile = password,
        };
        var refused = Assert.Throws<StartRefused>(() => new SettingsCheck("Gateway").Store("Status", store).Throw());
        Assert.Contains($"Gateway:Status {words}", refused.Faults);
        Assert.StartsWith(
            "the memory of used proofs (Replay) ",
            Assert.Throws<StoreRefused>(() => Tokens.Replay.ReplayStore.Open(store, TimeProvider.System)).Message,
            StringComparison.Ordinal
        );
    }

    private static IConfiguration With(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static one => KeyValuePair.Create<string, string?>("S:" + one.Key, one.Value)))
            .Build();
}
