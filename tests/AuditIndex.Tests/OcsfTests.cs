using System.Text.Json;
using AuditIndex.Feeds;
using AuditIndex.Tests.Support;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>OCSF 1.8.0: required members of each class, types, and the mapping of ledger page §17.</summary>
public sealed class OcsfTests
{
    private static readonly Dictionary<int, string[]> Required = new()
    {
        [6003] =
        [
            "activity_id",
            "actor",
            "api",
            "category_uid",
            "class_uid",
            "metadata",
            "severity_id",
            "src_endpoint",
            "time",
            "type_uid",
        ],
        [3002] = ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "user", "service"],
        [2004] = ["activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"],
    };

    [Fact]
    public async Task Every_event_has_what_its_class_requires()
    {
        using var folder = new TempFolder();
        await using var log = new SomeLog(folder["log"]);
        await log.Seal([
            .. new SomeTraffic(9, new DateTimeOffset(2026, 11, 3, 8, 0, 0, TimeSpan.Zero)).Records(300),
            """{"v":1,"ev":"token","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2026-10-15T09:12:33.104Z","org":"ma.anss","cli":"ma.anss.batch"}""",
            """{"v":1,"ev":"officer.signin","id":"01M4ZDBB2GDE3B4WZZ6KYE37BC","ts":"2026-10-15T09:12:33.104Z","off":"off-07"}""",
            "no json",
        ]);
        var classes = new HashSet<int>();
        foreach (var entry in log.Source.Open().Entries())
        {
            using var json = JsonDocument.Parse(OcsfEvent.Of(SomeLog.Origin, entry).Line);
            var one = json.RootElement;
            var type = one.GetProperty("class_uid").GetInt32();
            classes.Add(type);
            Assert.All(Required[type], member => Assert.True(one.TryGetProperty(member, out _), $"{type} lacks {member}"));
            Assert.Equal(type / 1000, one.GetProperty("category_uid").GetInt32());
            Assert.Equal(type * 100 + one.GetProperty("activity_id").GetInt32(), one.GetProperty("type_uid").GetInt32());
            Assert.Equal(entry.Index, one.GetProperty("metadata").GetProperty("sequence").GetInt64());
            Assert.Equal("1.8.0", one.GetProperty("metadata").GetProperty("version").GetString());
            Assert.Equal(System.Text.Encoding.UTF8.GetString(entry.Text.Span), one.GetProperty("raw_data").GetString());
            Assert.True(one.GetProperty("api").TryGetProperty("operation", out _));
            Assert.NotEmpty(one.GetProperty("src_endpoint").EnumerateObject());
            Assert.NotEmpty(one.GetProperty("actor").EnumerateObject());
            Assert.DoesNotContain(
                "null",
                one.EnumerateObject().Select(static member => member.Value.ValueKind.ToString()),
                StringComparer.OrdinalIgnoreCase
            );
        }

        Assert.Equal([2004, 3002, 6003], classes.Order());
    }

    [Fact]
    public void The_worked_example_maps_as_the_page_says()
    {
        const string Text =
            """{"v":1,"ev":"deny","id":"01M4ZDBCK3THSNWEH6BRBEXR1Z","ts":"2026-10-15T09:12:34.659Z","org":"ma.anss","cli":"ma.anss.batch","ip":"10.20.0.15","op":"education.school-enrolment.read","purp":"ASD_BIRTH","agr":"ANSS-MENPS-2026-01@3","out":"deny","code":"purpose-not-covered","rule":"PER-02","st":403,"trace":"00f067aa0ba902b74bf92f3577b34da6"}""";
        var bytes = System.Text.Encoding.ASCII.GetBytes(Text);
        var one = OcsfEvent.Of(SomeLog.Origin, new Ledger.Tiles.LogEntry(2, bytes, Ledger.LeafHash.Of(bytes)));
        using var json = JsonDocument.Parse(one.Line);
        var root = json.RootElement;
        Assert.Equal(600302, root.GetProperty("type_uid").GetInt32());
        Assert.Equal(3, root.GetProperty("severity_id").GetInt32());
        Assert.Equal(2, root.GetProperty("status_id").GetInt32());
        Assert.Equal("purpose-not-covered", root.GetProperty("status_code").GetString());
        Assert.Equal("ma.anss.batch", root.GetProperty("actor").GetProperty("app_uid").GetString());
        Assert.Equal("10.20.0.15", root.GetProperty("src_endpoint").GetProperty("ip").GetString());
        Assert.Equal(403, root.GetProperty("api").GetProperty("response").GetProperty("code").GetInt32());
        Assert.Equal("PER-02", root.GetProperty("unmapped").GetProperty("rule").GetString());
        Assert.Equal("00f067aa0ba902b74bf92f3577b34da6", root.GetProperty("trace").GetProperty("uid").GetString());
        var frame = System.Text.Encoding.ASCII.GetString(Rfc5424.Frame(one, "n1", 32473));
        var space = frame.IndexOf(' ', StringComparison.Ordinal);
        Assert.Equal(frame.Length - space - 1, int.Parse(frame.AsSpan(0, space), System.Globalization.CultureInfo.InvariantCulture));
        Assert.StartsWith(
            "<108>1 2026-10-15T09:12:34.659Z n1 gateway - deny [gateway@32473 log=\"anss.example/audit/2026/n1\" index=\"2\" leaf=\""
                + Ledger.LeafHash.Of(bytes),
            frame[(space + 1)..],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("deny", ",\"n\":1200,\"until\":\"2026-10-15T09:12:35.600Z\"", 1200, "2026-10-15T09:12:35.600Z")]
    [InlineData("token.deny", ",\"n\":7,\"until\":\"2026-10-15T09:12:35.600Z\"", 7, "2026-10-15T09:12:35.600Z")]
    [InlineData("deny", "", null, null)]
    [InlineData("batch", ",\"n\":5000", null, null)]
    public void Refusals_that_share_a_record_say_how_many_they_are_and_until_when(string kind, string more, int? count, string? until)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(
            $$"""{"v":1,"ev":"{{kind}}","id":"01M4ZDBCK3THSNWEH6BRBEXR1Z","ts":"2026-10-15T09:12:36.000Z","cli":"ma.anss.batch","code":"rate-exceeded","st":429{{more}}}"""
        );
        using var json = JsonDocument.Parse(
            OcsfEvent.Of(SomeLog.Origin, new Ledger.Tiles.LogEntry(2, text, Ledger.LeafHash.Of(text))).Line
        );
        int? told = json.RootElement.TryGetProperty("count", out var number) ? number.GetInt32() : null;
        long? ended = json.RootElement.TryGetProperty("end_time", out var end) ? end.GetInt64() : null;
        long? expected = until is null
            ? null
            : DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        Assert.Equal((count, expected), (told, ended));
    }
}
