using Ledger;
using Ledger.Notes;
using Ledger.Subjects;
using Xunit;

namespace Verifier.Tests;

public sealed class ReceiptCheckTests : IAsyncLifetime
{
    private SealedLog _log = null!;

    private string LogFolder => Path.Combine(_log.Folder, "log");

    public async ValueTask InitializeAsync() => _log = await SealedLog.Of(300);

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_receipt_with_body_and_log_is_proved_and_said_in_one_sentence()
    {
        var result = Check(_log.Header, _log.Body, _log.Request);
        Assert.True(result.Holds, result.Sentence);
        Assert.Contains("exactly this request and this answer", result.Sentence, StringComparison.Ordinal);
        Assert.Contains("record 301 ", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_still_holds_after_the_log_has_grown()
    {
        await using (var writer = _log.Reopen())
        {
            await SealedLog.Seal(writer, Enumerable.Range(0, 700).Select(static i => $$"""{"v":1,"j":{{i}}}"""));
        }

        Assert.True(Check(_log.Header, _log.Body).Holds);
    }

    [Fact]
    public void Another_body_is_refused() => Fails("answer is not the one", Check(_log.Header, "{}"u8.ToArray()));

    [Fact]
    public void Another_request_is_refused() => Fails("request is not the one", Check(_log.Header, _log.Body, "{}"u8.ToArray()));

    [Fact]
    public void The_exchange_id_of_another_is_refused() =>
        Fails("another exchange", Check(_log.Header.Replace(_log.ExchangeId, "01M4ZDBB2GDE3B4WZZ6KYE37BB", StringComparison.Ordinal)));

    [Fact]
    public void The_index_of_another_record_is_refused() =>
        Assert.False(Check(_log.Header.Replace("index=301", "index=300", StringComparison.Ordinal)).Holds);

    [Fact]
    public void Every_flipped_bit_of_the_signed_part_is_refused()
    {
        var at = _log.Header.IndexOf("size=", StringComparison.Ordinal);
        var end = _log.Header.IndexOf(", salt", StringComparison.Ordinal);
        for (var i = at; i < end; i++)
        {
            var flipped = _log.Header.ToCharArray();
            flipped[i] ^= (char)1;
            Assert.False(Check(new string(flipped), _log.Body).Holds, $"flip at {i}");
        }
    }

    [Fact]
    public void A_body_without_record_or_log_is_not_called_proved() =>
        Fails("only be checked with its record", new ReceiptCheck(TrustPolicy.Of(_log.Key)) { Body = _log.Body }.Run(_log.Header));

    [Fact]
    public void The_record_alone_checks_the_body_and_says_what_is_left()
    {
        var result = new ReceiptCheck(TrustPolicy.Of(_log.Key))
        {
            Body = _log.Body,
            Entry = System.Text.Encoding.ASCII.GetBytes(_log.Record),
        }.Run(_log.Header);
        Assert.True(result.Holds, result.Sentence);
        Assert.Contains("the access log is needed", result.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "l’enregistrement 304 n’est pas encore publié", "dans une minute")]
    [InlineData("ar", "لم يتم نشر القيد \u2068304\u2069 بعد", "بعد دقيقة")]
    [InlineData("en", "record 304 is not published yet", "in a minute")]
    public async Task A_receipt_whose_record_is_not_published_yet_says_so_and_when_to_check_again(string language, string what, string when)
    {
        var (published, salt, id) = (_log.CopyTo("published"), SaltedDigest.NewSalt(), Ulid.New(TimeProvider.System));
        await using var writer = _log.Reopen();
        var receipt = (await SealedLog.Seal(writer, [$$"""{"v":1,"ev":"access","id":"{{id}}"}"""]))[0];
        var check = new ReceiptCheck(TrustPolicy.Of(_log.Key)) { LogDirectory = published, Language = language };
        var result = check.Run(ReceiptHeader.Format(receipt, id, salt));
        Assert.False(result.Holds);
        Assert.Contains(what, result.Sentence, StringComparison.Ordinal);
        Assert.Contains(when, result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_with_another_history_is_refused()
    {
        using var other = await SealedLog.Of(400);
        var policy = TrustPolicy.Of(_log.Key);
        Fails("not signed", new ReceiptCheck(policy) { LogDirectory = Path.Combine(other.Folder, "log") }.Run(_log.Header));
    }

    [Fact]
    public void The_command_line_says_OK_or_FAIL_and_exits_so()
    {
        var headers = _log.Write("headers.txt", $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\naudit-receipt: {_log.Header}\r\n\r\n");
        File.WriteAllBytes(Path.Combine(_log.Folder, "body"), _log.Body);
        var body = Path.Combine(_log.Folder, "body");
        var (code, line) = Run(
            "receipt",
            headers,
            "--body",
            body,
            "--log",
            LogFolder,
            "--vkey",
            _log.Vkey,
            "--vkey",
            _log.P256Key.ToString()
        );
        Assert.StartsWith("OK: l’enregistrement 301", line, StringComparison.Ordinal);
        Assert.Equal(0, code);
        (code, line) = Run("receipt", headers, "--body", headers, "--log", LogFolder, "--vkey", _log.Vkey, "--managed");
        Assert.Equal(1, code);
        Assert.StartsWith("FAIL: ", line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(static c => c == '\n'));
    }

    [Theory]
    [InlineData]
    [InlineData("receipt")]
    [InlineData("receipt", "x", "--unknown", "y")]
    [InlineData("log", "/nowhere")]
    [InlineData("proof", "/nowhere", "--vkey", "rubbish")]
    public void A_wrong_command_line_fails_in_one_line(params string[] args)
    {
        var (code, line) = Run(args);
        Assert.Equal(1, code);
        Assert.StartsWith("FAIL: ", line, StringComparison.Ordinal);
    }

    private static (int Code, string Line) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return (CommandLine.Run(args, output), output.ToString());
    }

    private static void Fails(string why, CheckResult result)
    {
        Assert.False(result.Holds);
        Assert.Contains(why, result.Sentence, StringComparison.Ordinal);
    }

    private CheckResult Check(string header, byte[]? body = null, byte[]? request = null) =>
        new ReceiptCheck(TrustPolicy.Of(_log.Key))
        {
            Body = body,
            Request = request,
            LogDirectory = LogFolder,
        }.Run(header);

    [Theory]
    [InlineData("fr", "inchangé")]
    [InlineData("ar", "دون تغيير")]
    [InlineData("en", "unchanged")]
    public async Task What_is_proved_is_said_in_one_sentence_of_the_language_asked_for(string language, string word)
    {
        using var made = await SealedLog.Of(3);
        var output = new StringWriter();
        var code = CommandLine.Run(
            [
                "receipt",
                made.Write("header", made.Header),
                "--body",
                made.Write("body", System.Text.Encoding.UTF8.GetString(made.Body)),
                "--log",
                made.Directory,
                "--vkey",
                made.Vkey,
                "--lang",
                language,
            ],
            output
        );
        Assert.Equal(0, code);
        var line = Assert.Single(output.ToString().TrimEnd().Split('\n'));
        Assert.StartsWith(language == "ar" ? "\u2066OK\u2069: " : "OK: ", line, StringComparison.Ordinal);
        Assert.Contains(word, line, StringComparison.Ordinal);
        Assert.Contains(made.ExchangeId, line, StringComparison.Ordinal);
        Assert.Equal(1, CommandLine.Run(["receipt", made.Write("header", made.Header), "--vkey", made.Vkey, "--lang", "de"], output));
    }
}
