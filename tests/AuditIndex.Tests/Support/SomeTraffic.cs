using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;
using AuditIndex.Filling;

namespace AuditIndex.Tests.Support;

/// <summary>
/// Traffic made from a seed: every kind of record, hidden decisions, coalesced refusals, seams of months, and records that say nothing.
/// </summary>
internal sealed class SomeTraffic(int seed, DateTimeOffset start)
{
    private static readonly string[] Operations = ["education.school-enrolment.read", "employment.status.read", "health.care.read"];
    private static readonly string[] Purposes = ["FILE_ASSISTANCE", "ASD_BIRTH", "CONTROL"];
    private static readonly string[] Fields = ["enrolment.status", "enrolment.since", "enrolment.schoolCode", "employment.status"];
    private readonly Random _random = new(seed);
    private DateTimeOffset _now = start;

    public int Persons { get; init; } = 40;

    /// <summary>Longest step between two records.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(40);

    public List<string> Records(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            _now += TimeSpan.FromMilliseconds(_random.Next(0, (int)Step.TotalMilliseconds)) - TimeSpan.FromSeconds(_random.Next(0, 3));
            texts.AddRange(
                _random.Next(12) switch
                {
                    0 => [Deny()],
                    1 => Split(),
                    2 => [Other()],
                    3 when _random.Next(5) == 0 => ["""{"v":1,"i":3}"""],
                    _ => [Access(out _).ToJsonString()],
                }
            );
        }

        return texts;
    }

    public static string PseudonymOf(int person, string period = "2026q4") =>
        Base64Url.EncodeToString(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{person} {period}")).AsSpan(0, 16)
        );

    private JsonObject Begin(string kind, out string id)
    {
        id = BinaryId.ToUlid(RandomBytes())!;
        return new JsonObject
        {
            ["v"] = 1,
            ["ev"] = kind,
            ["id"] = id,
            ["ts"] = _now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
    }

    private JsonObject Access(out string id)
    {
        var record = Begin("access", out id);
        Who(record);
        if (_random.Next(5) > 0)
        {
            var period = Ledger.Subjects.SubjectKeys.PeriodOf(_now);
            (record["sk"], record["subj"]) = (period, PseudonymOf(_random.Next(Persons), period));
        }

        (record["out"], record["match"], record["st"]) = ("permit", _random.Next(4) == 0 ? "NOT_FOUND" : "MATCHED", 200);
        var released = Fields.Where(_ => _random.Next(2) == 0).Select(static field => (JsonNode)field!).ToArray();
        if (released.Length > 0)
        {
            record["fld"] = new JsonArray(released);
        }

        record["prov"] = Providers();
        if (_random.Next(10) == 0)
        {
            record["near"] = _random.Next(3, 32);
        }

        return record;
    }

    private JsonArray Providers() =>
        _random.Next(3) == 0
            ?
            [
                new JsonObject
                {
                    ["id"] = "ma.cnss",
                    ["src"] = "A",
                    ["ms"] = 3,
                },
                new JsonObject
                {
                    ["id"] = "ma.menps",
                    ["src"] = "B",
                    ["st"] = 200,
                    ["ms"] = 3,
                },
            ]
            :
            [
                new JsonObject
                {
                    ["id"] = "ma.menps",
                    ["src"] = "B",
                    ["ms"] = 3,
                },
            ];

    private void Who(JsonObject record)
    {
        var client = _random.Next(4);
        (record["org"], record["cli"]) = (client == 3 ? "ma.other" : "ma.anss", $"ma.client-{client}");
        if (_random.Next(4) > 0)
        {
            record["agent"] = $"ag-{_random.Next(5)}";
        }

        (record["op"], record["purp"]) = (Operations[_random.Next(3)], Purposes[_random.Next(3)]);
        (record["agr"], record["pol"]) = ($"ANSS-MENPS-2026-0{_random.Next(1, 4)}@1", "QaRUpB3iDFCwyTjfBkcXxg");
    }

    private string Deny()
    {
        var record = Begin(_random.Next(6) == 0 ? "fault" : "deny", out _);
        if (_random.Next(5) > 0)
        {
            Who(record);
        }

        (record["out"], record["code"], record["rule"], record["st"]) = (
            record["ev"]!.ToString(),
            "purpose-not-covered",
            $"PER-0{_random.Next(1, 4)}",
            403
        );
        if (_random.Next(3) == 0)
        {
            record["n"] = _random.Next(2, 50);
        }

        return record.ToJsonString();
    }

    /// <summary>An answer "not found" and the decision that tells why.</summary>
    private string[] Split()
    {
        var access = Access(out var id);
        access.Remove("prov");
        access["match"] = "NOT_FOUND";
        var decision = Begin("decision", out _);
        (decision["ref"], decision["gate"], decision["out"], decision["rule"]) = (
            id,
            _random.Next(2) == 0 ? "none" : "open",
            _random.Next(2) == 0 ? "deny" : "permit",
            "FWD-07"
        );
        decision["prov"] = Providers();
        return [access.ToJsonString(), decision.ToJsonString()];
    }

    private string Other()
    {
        var record = Begin(
            _random.Next(4) switch
            {
                0 => "officer.view",
                1 => "finding",
                2 => "config",
                _ => "key",
            },
            out _
        );
        if (record["ev"]!.ToString() == "officer.view")
        {
            record["off"] = $"off-0{_random.Next(3)}";
        }

        record["rule"] = "R1";
        return record.ToJsonString();
    }

    private byte[] RandomBytes()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        bytes[0] &= 0x7f;
        return bytes;
    }
}
