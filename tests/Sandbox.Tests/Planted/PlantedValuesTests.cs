using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledger;
using Ledger.Local;
using Ledger.Notes;
using Sandbox.Persons;
using Sandbox.Tests.Apart;
using Xunit;

namespace Sandbox.Tests.Planted;

/// <summary>
/// T10 on the running programs: person numbers, names, tokens, keys, questions and answers go through every operation, refusal and batch,
/// and none of them is in any file, log line or metric, in any spelling, except in the key store.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class PlantedValuesTests(ITestOutputHelper output)
{
    private const int BatchLines = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What must have been looked at: the parts of the state, by how their paths begin or end.
    private static readonly string[] Parts =
    [
        "ledger/*/tile/entries/*",
        "ledger/*/tile/0/*",
        "ledger/*/journal/*",
        "ledger/*/checkpoint",
        "index/*.db",
        "spool/*",
        "status.db",
        "gateway/replay.db",
        "gateway/dossiers.db",
        "authority/*",
        "logs/gateway-*.json",
        "logs/authority-*.json",
        "feed.jsonl",
        "feed.cursor",
        "dossiers.ndjson",
        "gateway.json",
        "contracts/*",
        "pki/*.pem",
        "printed by the gateway",
        "printed by the authority",
        "metrics of the gateway",
        "metrics of the authority",
    ];

    [Fact]
    public async Task No_planted_number_name_token_key_question_or_answer_is_in_any_file_log_line_or_metric()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Gateway__Feeds__0__Name"] = "archive",
            ["Gateway__Feeds__0__Kind"] = "ocsf-file",
            ["Gateway__Feeds__0__Cursor"] = "feed.cursor",
            ["Gateway__Feeds__0__File"] = "feed.jsonl",
        };
        await using var town = await ApartTown.StartAsync(settings);
        var planted = new PlantedValues();
        PlantKeys(town, planted);
        using var everything = new Everything(town, planted);
        await everything.RunAsync(BatchLines);
        await Followed(town);

        var scan = await Scan(town, planted);
        output.WriteLine(
            $"{planted.Count} values in {planted.Spellings} spellings; answers by status: {string.Join(", ", everything.Statuses.Select(static one => $"{one.Key} × {one.Value}"))}"
        );
        foreach (var (name, size) in scan.Looked)
            output.WriteLine($"{size,10}  {name}");
        foreach (var name in scan.PassedOver)
            output.WriteLine($"  key store  {name}");
        Assert.True(scan.Found.Count == 0, string.Join('\n', scan.Found));
        Assert.All(Parts, part =>
            Assert.Contains(scan.Looked, one =>
                one.Value > 0 && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(part, one.Key, ignoreCase: false)
            )
        );
        Assert.All([200, 400, 401, 403, 404], status => Assert.True(everything.Statuses.ContainsKey(status), $"no answer {status}"));
        Assert.All(scan.PassedOver, static name =>
            Assert.True(
                name == "sandbox.json"
                    || name.EndsWith(".key", StringComparison.Ordinal)
                    || name.EndsWith(".p256", StringComparison.Ordinal),
                name
            )
        );

        await ARecordThatHoldsANumberIsFound(town, planted);
    }

    [Fact]
    public void A_value_is_found_in_every_spelling_wherever_it_begins()
    {
        var planted = new PlantedValues();
        planted.AddNumber("person", Fixtures.PlainChild);
        planted.AddText("name", "Zaïnab");
        Span<byte> number = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(number, 2666041939);
        byte[] bigEndian = number.ToArray(),
            person = Encoding.ASCII.GetBytes("x" + Fixtures.PlainChild + "y");
        string[] spellings =
        [
            Fixtures.PlainChild,
            "9391406662",
            Convert.ToHexString(person),
            Convert.ToHexStringLower(person),
            Convert.ToBase64String(person),
            Convert.ToBase64String([1, .. person]),
            Convert.ToBase64String([1, 2, .. person]),
            Base64Url.EncodeToString([1, 2, 3, .. person]),
            Base64Url.EncodeToString(SHA256.HashData(person.AsSpan(1, 10))),
            Convert.ToHexStringLower(SHA256.HashData(person.AsSpan(1, 10))),
            Encoding.Latin1.GetString(bigEndian),
            "Za\\u00EFnab",
            "Za%C3%AFnab",
            Encoding.Latin1.GetString("Zaïnab"u8),
        ];
        Assert.All(spellings, spelling => Assert.NotEmpty(planted.FindIn(Encoding.Latin1.GetBytes("....." + spelling + "....."))));
        Assert.Empty(planted.FindIn(Encoding.Latin1.GetBytes("2666041938 Zainab 2666-041-939")));
    }

    /// <summary>The scan finds what it looks for: the same scan after a record that holds a person's number.</summary>
    private static async Task ARecordThatHoldsANumberIsFound(ApartTown town, PlantedValues planted)
    {
        await using var ledger = new LedgerSocketClient(
            town.State.At("run", "ledger.sock"),
            VerifierKey.Parse(town.File.Ledger.Vkey),
            TimeProvider.System
        );
        while (ledger.State != LedgerState.Open)
            await Task.Delay(20);
        Assert.True(ledger.TryReserve(1, out var seat));
        using (seat)
        {
            var text =
                $$"""{"v":1,"ev":"finding","id":"{{Ulid.New(TimeProvider.System)}}","ts":"2026-10-15T09:12:33.104Z","rule":"R{{Fixtures.PlainChild}}"}""";
            await ledger.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]);
        }

        await Followed(town);
        var scan = await Scan(town, planted);
        foreach (
            var part in new[] { "ledger/*/tile/entries/*: person", "ledger/*/journal/*: person", "index/*: person", "feed.jsonl: person" }
        )
            Assert.Contains(scan.Found, found =>
                System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(part, found, ignoreCase: false)
            );
    }

    private static async Task<StateScan> Scan(ApartTown town, PlantedValues planted)
    {
        var scan = new StateScan(town.State.Root);
        await scan.FilesAsync(planted);
        foreach (var (name, text) in await town.ShownAsync())
            scan.Look(name, Encoding.UTF8.GetBytes(text), planted);
        return scan;
    }

    /// <summary>Waits until index and feed have every record.</summary>
    private static async Task Followed(ApartTown town)
    {
        await Task.Delay(1500); // a record is published within a second
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(100))
        {
            var lags = (await town.ShownAsync())["metrics of the gateway"]
                .Split('\n')
                .Where(static line => line.StartsWith("gateway_follower_lag", StringComparison.Ordinal))
                .ToList();
            if (lags.Count == 2 && lags.TrueForAll(static line => line.EndsWith(" 0", StringComparison.Ordinal)))
                return;
        }

        Assert.Fail("index or feed do not follow");
    }

    /// <summary>Every private and symmetric key of the folder, as bytes.</summary>
    private static void PlantKeys(ApartTown town, PlantedValues planted)
    {
        foreach (
            var path in Directory
                .EnumerateFiles(town.State.Root, "*.key", SearchOption.AllDirectories)
                .Concat(Directory.EnumerateFiles(town.State.At("keys"), "*.p256", SearchOption.AllDirectories))
        )
        {
            var (name, bytes) = ("key " + Path.GetRelativePath(town.State.Root, path), File.ReadAllBytes(path));
            var text = Encoding.Latin1.GetString(bytes);
            if (!text.StartsWith("-----", StringComparison.Ordinal))
            {
                if (bytes.All(static one => one is >= 32 and < 127 or 10))
                    planted.AddText(name, text.Trim());
                else
                    planted.AddBytes(name, bytes);
                if (text.Trim() is { Length: 64 } hex && hex.All(char.IsAsciiHexDigit))
                    planted.AddBytes(name, Convert.FromHexString(hex));
            }
            else if (PemEncoding.TryFind(text, out var pem))
                planted.AddBytes(name, Secret(text, Convert.FromBase64String(text[pem.Base64Data])));
        }
    }

    /// <summary>The secret number of a PKCS#8 key: the rest of the file is public.</summary>
    private static byte[] Secret(string pem, byte[] pkcs8)
    {
        if (pkcs8.Length < 60)
            return pkcs8[^32..]; // Ed25519: the seed is last
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.ExportParameters(includePrivateParameters: true).D!;
    }
}
