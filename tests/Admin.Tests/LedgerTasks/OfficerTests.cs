using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Admin.CommandLine;
using Admin.Texts;
using Ledger;
using Ledger.Local;
using Ledger.Subjects;
using Ledger.Tiles;

namespace Admin.Tests.LedgerTasks;

/// <summary>Whoever reads the access log says who reads, why and what, proves it with a key, and is sealed before anything
/// shows.</summary>
public sealed class OfficerTests : IAsyncLifetime
{
    private const string Origin = "anss.example/audit/2026/n1",
        Record = "01M4ZDBB2GDE3B4WZZ6KYE3007",
        Reason = "complaint of a person";
    private readonly TemporaryFolder _folder = new();
    private readonly LogKey _key = LogKey.Create();
    private LedgerWriter _writer = null!;

    private string[] Log => ["--log", _folder.At("log"), "--vkey", _writer.Key.ToString(), "--ledger-socket", _folder.At("s")];

    public async ValueTask InitializeAsync()
    {
        _writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At("log"),
                Origin = Origin,
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            _key,
            TimeProvider.System
        );
        await Seal(from: 0, to: 20);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("ar")]
    [InlineData("en")]
    public async Task An_explanation_from_the_log_is_sealed_before_it_shows_with_officer_reason_and_query(string language)
    {
        string[] explain =
        [
            "explain",
            Record,
            "--ledger",
            _folder.At("log"),
            "--vkey",
            _writer.Key.ToString(),
            "--ledger-socket",
            _folder.At("s"),
            .. await TheOfficer.In(_folder),
            "--lang",
            language,
        ];
        Outcome told;
        await using (Socket())
            told = (await Ctl.Run(explain)).Ended(Exit.Ok);
        Assert.Contains("purpose-not-covered", told.Out, StringComparison.Ordinal);
        Assert.Contains(Reasons.Of("purpose-not-covered", language).What, told.Out, StringComparison.Ordinal);
        await _writer.WhenPublished(22);
        var record = JsonNode.Parse(LogReader.Open(_folder.At("log"), _writer.Key).Entry(21).Text.Span)!;
        Assert.Equal(
            ("officer.search", TheOfficer.Id, "explain&id=" + Record, 1),
            ((string)record["ev"]!, (string)record["off"]!, (string)record["q"]!, (int)record["rows"]!)
        );
        Assert.Equal(Reason, new DetachedTexts(_folder.At("texts")).Read((string)record["det"]!));
    }

    [Fact]
    public async Task Without_a_seal_nothing_of_the_log_is_shown()
    {
        string[] explain =
        [
            "explain",
            Record,
            "--ledger",
            _folder.At("log"),
            "--vkey",
            _writer.Key.ToString(),
            .. await TheOfficer.In(_folder),
        ];
        var alone = (await Ctl.Run(explain)).Ended(Exit.Usage);
        var away = (await Ctl.Run([.. explain, "--ledger-socket", _folder.At("none"), "--lang", "ar"])).Ended(Exit.Usage);
        Assert.DoesNotContain("purpose-not-covered", alone.Out + alone.Error + away.Out + away.Error, StringComparison.Ordinal);
        Assert.Contains("السجل لا يختم أي شيء الآن", away.Error, StringComparison.Ordinal);
        // A process that may stop systems may not read for officers.
        await using var socket = LedgerSocketServer.Listen(
            _writer,
            _folder.At("s"),
            LocalPeer.Of(authority: uint.MaxValue, console: uint.MaxValue, administrator: Posix.UserId)
        );
        var refused = (await Ctl.Run([.. explain, "--ledger-socket", _folder.At("s")])).Ended(Exit.Usage);
        Assert.DoesNotContain("purpose-not-covered", refused.Out + refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "off-08", "la clé donnée n’est pas celle de")]
    [InlineData("ar", "off-08", "لا أحد يقرأ بمعرف غيره")]
    [InlineData("fr", "off-99", "ne figure pas dans")]
    [InlineData("ar", "off-99", "لم تتم أي قراءة")]
    public async Task Nobody_reads_under_the_id_of_another(string language, string officer, string words)
    {
        await using var socket = Socket();
        var claimed = await TheOfficer.In(_folder, officer);
        foreach (
            var command in new string[][]
            {
                ["explain", Record, "--ledger", _folder.At("log"), .. Log[2..]],
                ["ledger", "export", .. Log, "--record", "7", "--out", _folder.At("pack.zip")],
                ["ledger", "export", "rows", .. Log, "--index", _folder.At("index"), "--out", _folder.At("rows.csv")],
            }
        )
        {
            var outcome = (await Ctl.Run([.. command, .. claimed, "--lang", language])).Ended(Exit.Wrong);
            Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_folder.At("pack.zip")) || File.Exists(_folder.At("rows.csv")));
        Assert.Equal(21, LogReader.Open(_folder.At("log"), _writer.Key).Checkpoint.Size);
    }

    [Fact]
    public async Task Pack_and_log_state_officer_reason_and_query()
    {
        await using (Socket())
            (
                await Ctl.Run([
                    "ledger",
                    "export",
                    .. Log,
                    "--record",
                    "9",
                    "--record",
                    "7",
                    .. await TheOfficer.In(_folder),
                    "--out",
                    _folder.At("pack.zip"),
                ])
            ).Ended(Exit.Ok);
        await using var zip = await ZipFile.OpenReadAsync(_folder.At("pack.zip"), TestContext.Current.CancellationToken);
        var summary = (
            await JsonNode.ParseAsync(
                await zip.GetEntry("summary.json")!.OpenAsync(TestContext.Current.CancellationToken),
                cancellationToken: TestContext.Current.CancellationToken
            )
        )!;
        Assert.Equal(
            (TheOfficer.Id, Reason, Origin + ": 7 9"),
            ((string)summary["askedBy"]!, (string)summary["reason"]!, (string)summary["query"]!)
        );
        foreach (var language in new[] { "fr", "ar", "en" })
        {
            using var page = new StreamReader(
                await zip.GetEntry($"README.{language}.html")!.OpenAsync(TestContext.Current.CancellationToken)
            );
            var text = await page.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.All(new[] { TheOfficer.Id, Reason, Origin + ": 7 9" }, words => Assert.Contains(words, text, StringComparison.Ordinal));
        }

        await _writer.WhenPublished(22);
        var record = JsonNode.Parse(LogReader.Open(_folder.At("log"), _writer.Key).Entry(21).Text.Span)!;
        Assert.Equal(("officer.export", TheOfficer.Id), ((string)record["ev"]!, (string)record["off"]!));
        Assert.EndsWith("&q=" + Uri.EscapeDataString(Origin + ": 7 9"), (string)record["q"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "Refus", "Scolarisation d’une personne", "sur la scolarisation des enfants", "ne couvre pas cette opération")]
    [InlineData("ar", "رفض", "تمدرس شخص", "اتفاقية تبادل المعطيات حول تمدرس", "العملية")]
    [InlineData("en", "Refusal", "School enrolment of one person", "Agreement on data exchange", "purpose")]
    public async Task The_pages_of_a_pack_say_names_beside_codes(
        string language,
        string ev,
        string operation,
        string agreement,
        string code
    )
    {
        using var law = new Policy.Tests.Matrix.LawFiles();
        Assert.True(_writer.TryReserve(1, out var seat));
        var record =
            """{"v":1,"ev":"deny","id":"01M4ZDBB2GDE3B4WZZ6KYE3099","ts":"2026-10-15T09:12:33.104Z","org":"anss","cli":"c","""
            + """ "op":"education.school-enrolment.read","purp":"ASD_CHILD_SCHOOL_AGE_NOT_THERE","agr":"ANSS-MENPS-2026-01@1","""
            + """ "out":"deny","code":"purpose-not-covered","st":403}""";
        using (seat)
            await _writer.WhenPublished((await _writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(record))]))[0].Size);
        await using (Socket())
            (
                await Ctl.Run([
                    "ledger",
                    "export",
                    .. Log,
                    "--record",
                    "21",
                    .. await TheOfficer.In(_folder),
                    "--out",
                    _folder.At("pack.zip"),
                    "--contracts",
                    law.Folder,
                    "--lang",
                    language,
                ])
            ).Ended(Exit.Ok);
        await using var zip = await ZipFile.OpenReadAsync(_folder.At("pack.zip"), TestContext.Current.CancellationToken);
        using var page = new StreamReader(await zip.GetEntry($"README.{language}.html")!.OpenAsync(TestContext.Current.CancellationToken));
        var text = await page.ReadToEndAsync(TestContext.Current.CancellationToken);
        var table = text[text.IndexOf("<table>", StringComparison.Ordinal)..];
        Assert.All(new[] { ev, operation, agreement, code }, name => Assert.Contains(name, table, StringComparison.Ordinal));
        // The code stands beside its name, and alone where there is none.
        Assert.Contains("<bdi dir=\"ltr\">education.school-enrolment.read</bdi>", text, StringComparison.Ordinal);
        Assert.Contains("<td><bdi dir=\"ltr\">ASD_CHILD_SCHOOL_AGE_NOT_THERE</bdi></td>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "Le journal a 21 enregistrements : la position 400 n’existe pas.")]
    [InlineData("ar", "يتضمن السجل 21 قيدا: الموضع ⁨400⁩ غير موجود.")]
    public async Task A_position_that_the_log_does_not_have_is_refused(string language, string sentence)
    {
        await using var socket = Socket();
        var outcome = (
            await Ctl.Run([
                "ledger",
                "export",
                .. Log,
                "--record",
                "400",
                .. await TheOfficer.In(_folder),
                "--out",
                _folder.At("pack.zip"),
                "--lang",
                language,
            ])
        ).Ended(Exit.Wrong);
        Assert.Contains(sentence, outcome.Error.Replace('\u00A0', ' '), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "n’y sont pas, ni dans le fichier. L’index va jusqu’à l’enregistrement n° 21.")]
    [InlineData("ar", "4 قيود منشورة من ⁨anss.example/audit/2026/n1⁩ غير واردة فيه ولا في الملف")]
    [InlineData(
        "en",
        "4 published records of anss.example/audit/2026/n1 are not in it, nor in the file. The index goes up to record number 21."
    )]
    public async Task An_export_of_rows_says_up_to_which_record_its_index_went(string language, string sentence)
    {
        (await Ctl.Run(["ledger", "reindex", .. Log[..4], "--index", _folder.At("index"), "--lang", language])).Ended(Exit.Ok);
        await Seal(from: 20, to: 24);
        string[] export =
        [
            "ledger",
            "export",
            "rows",
            .. Log,
            "--index",
            _folder.At("index"),
            "--client",
            "c",
            .. await TheOfficer.In(_folder),
            "--out",
            _folder.At("rows.csv"),
            "--lang",
            language,
        ];
        await using var socket = Socket();
        var told = (await Ctl.Run(export)).Ended(Exit.Ok).Out;
        Assert.Contains(sentence, told.Replace('\u00A0', ' '), StringComparison.Ordinal);
    }

    private LedgerSocketServer Socket() => LedgerSocketServer.Listen(_writer, _folder.At("s"), [new LocalPeer(Posix.UserId, ["officer.*"])]);

    private async Task Seal(int from, int to)
    {
        long size = 0;
        for (var i = from; i < to; i++)
        {
            Assert.True(_writer.TryReserve(1, out var seat));
            var text =
                $$"""{"v":1,"ev":"deny","id":"01M4ZDBB2GDE3B4WZZ6KYE3{{i:000}}","ts":"2026-10-15T09:12:33.104Z","org":"anss","""
                + """ "cli":"c","out":"deny","code":"purpose-not-covered","st":403}""";
            using (seat)
                size = (await _writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await _writer.WhenPublished(size);
    }
}
