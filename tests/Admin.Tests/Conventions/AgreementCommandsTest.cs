using System.Text;
using Admin.CommandLine;
using Agreements;
using Agreements.Loading;
using Agreements.Texts;
using Ledger;
using Ledger.Local;
using Policy.Tests.Matrix;

namespace Admin.Tests.Conventions;

/// <summary><c>gatewayctl agreement</c> and <c>contracts</c> on a copy of the committed contracts, on a day of their term.</summary>
public sealed class AgreementCommandsTest : IDisposable
{
    private const string Id = "ANSS-ANAPEC-2026-01";
    private readonly LawFiles _law = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _law.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_agreement_is_a_draft_until_every_party_has_signed()
    {
        (
            await Run(
                "agreement",
                "new",
                "ANSS-ANAPEC-2027-01",
                "--from",
                "employment",
                "--provider",
                "anapec",
                "--client",
                "anss-inclusion",
                "--source",
                "ANAPEC",
                "--valid-from",
                "2026-11-01",
                "--reference",
                "archive 12/2026",
                "--paper",
                _folder.Write("paper.pdf", "the paper"),
                "--authorization",
                "AU-12/2026",
                "--authorized-on",
                "2026-10-01",
                "--authorized-until",
                "2027-12-31",
                "--out",
                _law.At("agreements/ANSS-ANAPEC-2027-01.yaml")
            )
        ).Ended(0);
        Assert.Equal("draft", (string)(await Run("agreement", "show", "ANSS-ANAPEC-2027-01", "--json")).Ended(0).Json["state"]!);
        foreach (var party in (string[])["anss", "anapec"])
        {
            var key = _folder.Write($"{party}.key", LawFiles.PrivatePem($"{party}-sign-2026"));
            (
                await Run(
                    "agreement",
                    "sign",
                    "ANSS-ANAPEC-2027-01",
                    "--institution",
                    party,
                    "--key-id",
                    $"{party}-sign-2026",
                    "--key",
                    key
                )
            ).Ended(0);
        }

        Assert.Equal("in-force", (string)(await Run("agreement", "show", "ANSS-ANAPEC-2027-01", "--json")).Ended(0).Json["state"]!);
        (
            await Run(
                "agreement",
                "sign",
                "ANSS-ANAPEC-2027-01",
                "--institution",
                "anss",
                "--key-id",
                "anss-sign-2026",
                "--key",
                _folder.Write("x.key", LawFiles.PrivatePem("another"))
            )
        ).Ended(1);
    }

    [Fact]
    public async Task No_institution_signs_while_it_is_suspended()
    {
        var (key, file) = (_folder.Write("anapec.key", LawFiles.PrivatePem("anapec-sign-2026")), _law.At($"agreements/{Id}.yaml"));
        var text = _law.Text(Id);
        await File.WriteAllTextAsync(file, text[..text.IndexOf("\nsignatures:", StringComparison.Ordinal)] + "\n");
        await File.AppendAllTextAsync(_law.At("suspensions.yaml"), "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n");
        var before = await File.ReadAllTextAsync(file);
        var said = (await Run("agreement", "sign", Id, "--institution", "anapec", "--key-id", "anapec-sign-2026", "--key", key)).Ended(1);
        Assert.Contains(
            "est suspendue depuis le 1er octobre 2026, par Agence nationale de soutien social",
            said.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(before, await File.ReadAllTextAsync(file));
        key = _folder.Write("anss.key", LawFiles.PrivatePem("anss-sign-2026"));
        (await Run("agreement", "sign", Id, "--institution", "anss", "--key-id", "anss-sign-2026", "--key", key)).Ended(0);
    }

    [Fact]
    public async Task Check_names_every_error_with_file_line_reason_and_remedy()
    {
        var draft = _folder.Write(
            "draft.yaml",
            _law.Text(Id)
                .Replace("jobSeeker.since", "jobSeeker.salary", StringComparison.Ordinal)
                .Replace("version: 1", "version: 1\nnotes: x", StringComparison.Ordinal)
        );
        var said = (await Run("agreement", "check", draft, "--lang", "en")).Ended(1).Out;
        Assert.Matches(
            @"✗ agreements/ANSS-ANAPEC-2026-01\.yaml:\d+: path 'jobSeeker\.salary' does not exist in the interface specification\n  → ",
            said
        );
        Assert.Contains("unknown key 'notes'", said, StringComparison.Ordinal);
        Assert.Contains("Nothing of this set would be applied", said, StringComparison.Ordinal);
        Assert.Contains(
            "ANSS-CNSS-2026-01@1: suspended (a party suspended it, 20 October 2026, National Social Security Fund)",
            (await Run("agreement", "check", "--lang", "en")).Ended(0).Out,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "fr",
        "+ élargit · eligibility, Inscription d’une personne comme demandeur d’emploi · donnée communiquée · "
            + "ajout : Depuis quand cette situation dure",
        "- restreint · eligibility · Personnes par jour : de 200 000 à 1 000"
    )]
    [InlineData(
        "ar",
        "+ يوسع · eligibility، تسجيل شخص كباحث عن شغل · معطى يفصح عنه · إضافة: منذ متى تدوم هذه الوضعية",
        "- يضيق · eligibility · عدد الأشخاص في اليوم: من 200 000 إلى 1 000"
    )]
    [InlineData(
        "en",
        "+ widens · eligibility, Registration of one person as a job-seeker · data disclosed · " + "added: Since when this status holds",
        "- narrows · eligibility · People a day: from 200 000 to 1 000"
    )]
    public async Task Diff_says_in_words_what_a_draft_widens_and_narrows(string language, string widens, string narrows)
    {
        var said = (await Run("agreement", "diff", Draft(), "--lang", language)).Ended(0).Out;
        said = string.Concat(
            said.Where(static mark => mark is not (Wording.Isolation.LeftToRight or Wording.Isolation.FirstStrong or Wording.Isolation.End))
        );
        Assert.Contains(widens, said, StringComparison.Ordinal);
        Assert.Contains(narrows, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("ar")]
    [InlineData("en")]
    public async Task Show_writes_the_page_that_the_catalogue_gives(string language)
    {
        var registry = RegistryLoader.Load(_law.Folder, LawFiles.Clock).Registry!;
        Assert.Equal(
            ConventionPage.Write(registry, registry.Agreements[Id], CivilTime.Today(LawFiles.Clock), language),
            (await Run("agreement", "show", Id, "--html", language)).Ended(0).Out
        );
        (await Run("agreement", "show", Id, "--html", "de")).Ended(2);
    }

    [Fact]
    public async Task Expiry_counts_the_certificates_that_partners_have_shown()
    {
        var today = CivilTime.Today(LawFiles.Clock);
        var ends = LawFiles.Clock.GetUtcNow().AddDays(20);
        var file = _folder.Write(
            "seen.json",
            SeenCertificates.Write([new("anss-eligibility", "thumb", ends, today), new("somebody-gone", "other", ends, today)])
        );
        var told = (await Run("agreement", "expiry", "--seen", file, "--lang", "en")).Out;
        Assert.Contains("! certificate anss-eligibility thumb: ends on ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody-gone", told, StringComparison.Ordinal);
        (await Run("agreement", "expiry", "--seen", _folder.Write("broken.json", "{"))).Ended(2);
    }

    [Fact]
    public async Task Replay_says_which_past_calls_the_draft_would_refuse_and_allow_and_is_sealed_first()
    {
        using var key = LogKey.Create();
        await using var writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At("log"),
                Origin = "anss.example/audit/2026/n1",
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            key,
            TimeProvider.System
        );
        long size = 0;
        foreach (var text in Records())
        {
            Assert.True(writer.TryReserve(1, out var seat));
            using (seat)
                size = (await writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await writer.WhenPublished(size);
        string[] replay =
        [
            "agreement",
            "replay",
            Draft(),
            "--days",
            "30",
            "--log",
            _folder.At("log"),
            "--vkey",
            writer.Key.ToString(),
            .. await TheOfficer.In(_folder, reason: "before the renewal of the convention"),
            "--ledger-socket",
            _folder.At("s"),
            "--json",
        ];
        (await Run(replay)).Ended(2);
        await using (LedgerSocketServer.Listen(writer, _folder.At("s"), [new LocalPeer(Uid(), ["officer.*"])]))
        {
            var told = (await Run(replay)).Ended(0).Json;
            Assert.Contains("newly refused: 2", (await Run([.. replay[..^1], "--lang", "en"])).Ended(0).Out, StringComparison.Ordinal);
            Assert.Equal(7, (long)told["calls"]!);
            Assert.Equal(2, (long)told["outcomes"]!["newly-refused"]!["operation-not-covered"]!["count"]!);
            Assert.Equal(1, (long)told["outcomes"]!["newly-refused"]!["outside-hours"]!["count"]!);
            // A clause refused it, so nobody looked whether the person's dossier was open.
            Assert.Equal(1, (long)told["outcomes"]!["cannot-be-told"]!["gate"]!["count"]!);
            Assert.Equal(1, (long)told["outcomes"]!["fewer-fields"]![""]!["count"]!);
            Assert.Equal("jobSeeker.since", (string)told["fieldsLost"]![0]!);
            var log = Ledger.Tiles.LogReader.Open(_folder.At("log"), writer.Key);
            await writer.WhenPublished((long)told["sealed"]!["index"]! + 1);
            log = Ledger.Tiles.LogReader.Open(_folder.At("log"), writer.Key);
            Assert.Contains(
                "officer.search",
                Encoding.ASCII.GetString(log.Entry((long)told["sealed"]!["index"]!).Text.Span),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Rebuild_says_from_the_ledger_what_was_law_at_an_instant_and_compares_it_with_the_files()
    {
        using var key = LogKey.Create();
        await using var writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At("log"),
                Origin = "anss.example/audit/2026/n1",
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            key,
            TimeProvider.System
        );
        var registry = _law.Registry();
        var now = registry.Agreements[Id].Digest;
        long size = 0;
        foreach (
            var text in new[]
            {
                Event("start", 1, ""),
                Event("agreement", 1, $",\"agr\":\"{Id}@1\",\"act\":\"activated\",\"dig\":\"{new string('a', 64)}\""),
                Event("config", 1, ",\"pol\":\"AAAAAAAAAAAAAAAAAAAAAA\""),
                Event("agreement", 2, $",\"agr\":\"{Id}@1\",\"act\":\"activated\",\"dig\":\"{now}\""),
                Event("suspend", 2, ",\"kind\":\"agreement\",\"what\":\"ANSS-CNSS-2026-01\",\"act\":\"suspended\",\"by\":\"cnss\""),
                Event("config", 2, ",\"pol\":\"BBBBBBBBBBBBBBBBBBBBBB\""),
            }
        )
        {
            Assert.True(writer.TryReserve(1, out var seat));
            using (seat)
                size = (await writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await writer.WhenPublished(size);
        string[] rebuild = ["agreement", "rebuild", "--log", _folder.At("log"), "--vkey", writer.Key.ToString(), "--json"];
        var first = (await Run([.. rebuild, "--at", "2026-11-01T12:00:00Z"])).Ended(1).Json;
        Assert.Equal(("AAAAAAAAAAAAAAAAAAAAAA", "other-file"), ((string)first["set"]!, (string)first["agreements"]![0]!["file"]!));
        var second = (await Run([.. rebuild, "--at", "2026-11-03T12:00:00Z"])).Ended(0).Json;
        Assert.Equal(
            ("BBBBBBBBBBBBBBBBBBBBBB", "same-file", "agreement ANSS-CNSS-2026-01"),
            ((string)second["set"]!, (string)second["agreements"]![0]!["file"]!, (string)second["suspended"]![0]!)
        );
        (await Run([.. rebuild, "--at", "2026-10-01T12:00:00Z"])).Ended(1);
    }

    [Fact]
    public async Task Rebuild_counts_what_parties_and_operators_stopped_at_once_each_by_itself()
    {
        using var key = LogKey.Create();
        await using var writer = LedgerWriter.Open(
            new LedgerOptions
            {
                Directory = _folder.At("log"),
                Origin = "anss.example/audit/2026/n1",
                SegmentBytes = 1 << 20,
                SpareSegments = 1,
                StopFreeBytes = 0,
                StopFreeShare = 0,
            },
            key,
            TimeProvider.System
        );
        const string stop = ",\"kind\":\"agreement\",\"what\":\"ANSS-ANAPEC-2026-01\",\"act\":\"suspend\",\"by\":",
            lift = ",\"kind\":\"agreement\",\"what\":\"ANSS-ANAPEC-2026-01\",\"act\":\"lift\",\"by\":";
        long size = 0;
        foreach (
            var text in new[]
            {
                Event("start", 1, ""),
                Event("config", 1, ",\"pol\":\"AAAAAAAAAAAAAAAAAAAAAA\""),
                Event("suspend", 2, stop + "\"anapec\",\"jti\":\"s-1\""),
                Event("suspend", 3, stop + "\"op-1\""),
                Event("start", 3, ""),
                Event("config", 3, ",\"pol\":\"AAAAAAAAAAAAAAAAAAAAAA\""),
                Event("suspend", 4, lift + "\"op-1,op-2\""),
                Event("suspend", 5, lift + "\"anapec\",\"jti\":\"s-2\""),
                Event("suspend", 6, stop + "\"anapec\",\"until\":\"2026-11-07T00:00:00Z\",\"jti\":\"s-3\""),
            }
        )
        {
            Assert.True(writer.TryReserve(1, out var seat));
            using (seat)
                size = (await writer.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(text))]))[0].Size;
        }

        await writer.WhenPublished(size);
        foreach (var (day, stopped) in new[] { (1, 0), (2, 1), (3, 1), (4, 1), (5, 0), (6, 1), (8, 0) })
        {
            var told = (
                await Run(
                    "agreement",
                    "rebuild",
                    "--log",
                    _folder.At("log"),
                    "--vkey",
                    writer.Key.ToString(),
                    "--json",
                    "--at",
                    $"2026-11-0{day}T12:00:00Z"
                )
            ).Json;
            Assert.Equal((day, stopped), (day, told["suspended"]!.AsArray().Count));
        }
    }

    [Fact]
    public async Task A_suspension_request_is_a_statement_of_its_own_type_signed_by_the_partys_key()
    {
        var (key, file) = (_folder.Write("anapec.key", LawFiles.PrivatePem("anapec-sign-2026")), _folder.At("stop.jws"));
        string[] request =
        [
            "agreement",
            "suspend-request",
            Id,
            "--institution",
            "anapec",
            "--key",
            key,
            "--gateway",
            "https://gateway.anss.example",
            "--out",
            file,
        ];
        (await Ctl.Run([.. request, "--reason", "data-leak", "--until", "2090-01-01T00:00:00Z"])).Ended(0);
        var jws = Tokens.Jose.JoseGuard.Read(
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            new Tokens.Jose.JoseProfile
            {
                Types = System.Collections.Frozen.FrozenSet.Create(StringComparer.Ordinal, "agreement-suspension+jwt"),
                KeyIdRequired = true,
            },
            out _
        )!;
        var party = _law.Registry().Institutions["anapec"].SigningKeys.Values;
        Assert.True(await Tokens.Jose.JwsSignature.IsValid(jws, Tokens.Jose.KeySet.Parse($$"""{"keys":[{{string.Join(',', party)}}]}""")));
        Assert.Equal(
            ["act", "agr", "aud", "exp", "iat", "iss", "jti", "reason", "until"],
            jws.Payload.EnumerateObject().Select(static one => one.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            ("anapec", Id, "suspend", "data-leak", TimeSpan.FromHours(24)),
            (jws.Issuer!, jws.Text("agr")!, jws.Text("act")!, jws.Text("reason")!, (jws.Expires - jws.IssuedAt)!.Value)
        );
        (await Ctl.Run([.. request, "--reason", "done", "--lift"])).Ended(0);
        (await Ctl.Run([.. request, "--reason", "Mr Somebody"])).Ended(2);
        (await Ctl.Run([.. request, "--reason", "done", "--lift", "--until", "2090-01-01T00:00:00Z"])).Ended(2);
    }

    [Fact]
    public async Task What_ends_soon_is_told()
    {
        var text = _law.Text(Id);
        var at = text.IndexOf("  until: ", StringComparison.Ordinal);
        _law.WriteSigned(Id, text[..at] + "  until: 2026-11-27" + text[text.IndexOf('\n', at)..], LawFiles.PartiesOf(text));
        Assert.Contains(
            "agreement ANSS-ANAPEC-2026-01@1: ends on 27 November 2026 (6\u00A0days left)",
            (await Run("agreement", "expiry", "--lang", "en")).Ended(0).Out,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_difference_and_standing_has_words_in_every_language()
    {
        var codes = new[] { "AgreementDiff", "GrantDiff" }
            .SelectMany(static file =>
                System
                    .Text.RegularExpressions.Regex.Matches(
                        File.ReadAllText(Path.Combine(Root, "src", "Agreements", file + ".cs")),
                        "(?:Kind\\.\\w+|Add\\([^\"\n]*|Bound\\(|Listed\\(|Said\\(|Demanded\\()[, ]*\"(?<code>[a-z][a-z-]+)\"",
                        System.Text.RegularExpressions.RegexOptions.None,
                        TimeSpan.FromSeconds(1)
                    )
                    .Select(static match => match.Groups["code"].Value)
            )
            .Distinct(StringComparer.Ordinal)
            .Except(["agent", "consent", "case-reference"])
            .ToArray();
        Assert.True(codes.Length > 20, string.Join(' ', codes));
        Assert.Empty(codes.Except(ConventionWords.Keys, StringComparer.Ordinal));
    }

    private static string Root
    {
        get
        {
            for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
                if (File.Exists(Path.Combine(above.FullName, "Gateway.sln")))
                    return above.FullName;
            throw new InvalidOperationException();
        }
    }

    // One field more, one fewer; a system less and one more; a smaller quota; office hours.
    private string Draft() =>
        _folder.Write(
            "draft.yaml",
            _law.Text(Id)
                .Replace("version: 1\n", "version: 2\nreplaces: 1\n", StringComparison.Ordinal)
                .Replace("perDay: 200000", "perDay: 1000", StringComparison.Ordinal)
                .Replace("clients: [anss-inclusion, anss-eligibility]", "clients: [anss-inclusion, anss-field]", StringComparison.Ordinal)
                .Replace("release: [jobSeeker.status, jobSeeker.since]", "release: [narrow]", StringComparison.Ordinal)
                .Replace("release: [jobSeeker.status]", "release: [jobSeeker.status, jobSeeker.since]", StringComparison.Ordinal)
                .Replace("release: [narrow]", "release: [jobSeeker.status]", StringComparison.Ordinal)
                .Replace(
                    "    clause: art. 3\n",
                    "    clause: art. 3\n    hours: [ { days: [monday, tuesday, wednesday, thursday, friday], from: \"08:00\", to: \"18:00\" } ]\n",
                    StringComparison.Ordinal
                )
        );

    private static IEnumerable<string> Records() =>
        [
            Call(
                "2026-09-01T10:00:00.000Z",
                "access",
                "anss-eligibility",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\"]"
            ),
            Call(
                "2026-11-10T10:00:00.000Z",
                "access",
                "anss-eligibility",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\"]"
            ),
            Call(
                "2026-11-10T10:00:01.000Z",
                "access",
                "anss-eligibility",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\"]"
            ),
            Call(
                "2026-11-10T10:00:02.000Z",
                "access",
                "anss-inclusion",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\",\"jobSeeker.since\"]"
            ),
            Call(
                "2026-11-10T10:00:03.000Z",
                "deny",
                "anss-field",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"deny\",\"code\":\"operation-not-covered\""
            ),
            Call(
                "2026-11-10T10:00:04.000Z",
                "deny",
                "anss-inclusion",
                "INCLUSION_EMPLOYMENT",
                ",\"out\":\"deny\",\"code\":\"rate-exceeded\""
            ),
            Call(
                "2026-11-10T10:00:05.000Z",
                "access",
                "anss-eligibility",
                "ASD_ELIGIBILITY",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\"]"
            ),
            Call(
                "2026-11-15T10:00:00.000Z",
                "access",
                "anss-eligibility",
                "ASD_ELIGIBILITY",
                ",\"out\":\"permit\",\"fld\":[\"jobSeeker.status\"]"
            ),
        ];

    private static string Call(string at, string kind, string system, string purpose, string more) =>
        $$"""{"v":1,"ev":"{{kind}}","id":"01M4ZDBB2GDE3B4WZZ6KYE3000","ts":"{{at}}","org":"anss","cli":"{{system}}","op":"employment.job-seeker-status.read","purp":"{{purpose}}","agr":"{{Id}}@1","cref":"AAAAAAAAAAAAAAAAAAAAAA","cons":"AAAAAAAAAAAAAAAAAAAAAA"{{more}}}""";

    private static string Event(string kind, int day, string more) =>
        $$"""{"v":1,"ev":"{{kind}}","id":"01M4ZDBB2GDE3B4WZZ6KYE3000","ts":"2026-11-0{{day}}T10:00:00.000Z"{{more}}}""";

    private static uint Uid() =>
        uint.Parse(
            File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );

    private async Task<Outcome> Run(params string[] args)
    {
        using StringWriter output = new(),
            error = new();
        string[] own = args[0] is "operator" || (args[0] == "agreement" && args[1] == "new") ? args : [.. args, "--contracts", _law.Folder];
        var exit = await GatewayCtl.Run(own, output, error, LawFiles.Clock);
        // What a person would have seen, on demand.
        if (Environment.GetEnvironmentVariable("GATEWAY_SHOW") is { Length: > 0 } file)
            await File.AppendAllTextAsync(file, $"$ gatewayctl {string.Join(' ', args)}\n{output}{error}\n");
        return Ctl.Spoken(args, new(exit, output.ToString(), error.ToString()));
    }
}
