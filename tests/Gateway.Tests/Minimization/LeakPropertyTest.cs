using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>Whatever a provider sends, only what the agreement releases leaves. Every undeclared value carries a marker.</summary>
public sealed class LeakPropertyTest
{
    private static readonly string[] Declared =
    [
        "enrolment.status",
        "enrolment.schoolYear",
        "enrolment.since",
        "enrolment.cycle",
        "enrolment.sector",
        "enrolment.schoolCode",
    ];

    private static readonly Dictionary<string, string[]> Values = new()
    {
        ["status"] = ["ENROLLED", "NOT_ENROLLED", "DROPPED_OUT", "PENDING"],
        ["schoolYear"] = ["2026-2027"],
        ["since"] = ["2026-09-07"],
        ["cycle"] = ["PRIMARY"],
        ["sector"] = ["PUBLIC"],
        ["schoolCode"] = ["12345A"],
    };

    private static void ForSeeds(int count, Action<Random> check) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(new Random(seed)))
        );

    [Fact]
    public void Only_released_paths_leave_and_what_leaves_is_JSON() => ForSeeds(1500, random =>
        {
            var release = Declared.Where(_ => random.Next(2) == 0).ToArray();
            if (release.Length == 0)
                release = ["enrolment.since"];
            var minimizer = SomeContract.Minimizer(SomeContract.SchoolEnrolment, [.. release]);
            var verdict = minimizer.Read(SomeContract.Terms(), Encoding.UTF8.GetBytes(Answer(random)));
            Assert.True(verdict.Allows(out var answer, out var refusal), refusal?.Reason);
            AssertNoLeak(minimizer, answer, release);
        });

    [Fact]
    public void A_mutated_answer_is_refused_or_leaks_nothing() => ForSeeds(6000, random =>
        {
            string[] release = ["enrolment.status", "enrolment.since"];
            var minimizer = SomeContract.Minimizer(SomeContract.SchoolEnrolment, [.. release]);
            var body = Mutate(Encoding.UTF8.GetBytes(Answer(random)), random);
            if (minimizer.Read(SomeContract.Terms(), body).Allows(out var answer, out var refusal))
                AssertNoLeak(minimizer, answer, release);
            else
                Assert.StartsWith("MIN-", refusal.Rule, StringComparison.Ordinal);
        });

    [Fact]
    public void A_mutated_Bundle_is_refused_or_leaks_nothing()
    {
        var golden = File.ReadAllBytes(FhirGoldenTest.Example("upstream/bundle-immunization-recommendation-rich.json"));
        var minimizer = FhirMinimizer.Compile(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination);
        var secrets = new[]
        {
            "p-7731",
            "stand-in",
            "SYNTHETIC",
            "all antigens",
            "local",
            "X1",
            "next visit",
            "measles",
            "narrative",
            "C-1",
            "cs-12",
            "2024-03-14",
            "i-1",
        };
        ForSeeds(6000, random =>
        {
            var body = Mutate(golden, random);
            if (!minimizer.Read(SomeFhir.Terms(), body).Allows(out var answer, out var refusal))
            {
                Assert.True(refusal.Problem.Status == 502, refusal.Problem.Code);
                return;
            }

            var text = Encoding.UTF8.GetString(answer.Released.Span);
            if (!answer.Released.IsEmpty)
                JsonDocument.Parse(answer.Released).Dispose();
            foreach (var secret in secrets)
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        });
    }

    private static string Answer(Random random)
    {
        var members = Values
            .Where(pair => pair.Key == "status" || random.Next(3) > 0)
            .Select(pair => $"\"{Escape(pair.Key, random)}\":\"{Escape(pair.Value[random.Next(pair.Value.Length)], random)}\"")
            .ToList();
        Sprinkle(members, random);
        List<string> root =
        [
            "\"schemaVersion\":\"1.0\"",
            "\"matchStatus\":\"MATCHED\"",
            "\"asOf\":\"2026-10-12T22:00:00Z\"",
            "\"source\":\"MENPS-MASSAR\"",
            $"\"enrolment\":{{{string.Join(',', members)}}}",
            "\"subject\":{\"scheme\":\"sector-token\",\"value\":\"edu_0EHG7CY33N48KJNS6574C03H7S\"}",
        ];
        Sprinkle(root, random);
        return $"{{{string.Join(random.Next(2) == 0 ? "," : " ,\n ", root)}}}";
    }

    // Undeclared members with names near the declared ones, nested and escaped, in any position.
    private static void Sprinkle(List<string> members, Random random)
    {
        for (var i = random.Next(6); i > 0; i--)
        {
            string[] values =
            [
                "\"MARKER\"",
                "[\"MARKER\",{\"status\":\"MARKER\"}]",
                "{\"enrolment\":{\"status\":\"MARKER\"},\"MARKER\":[]}",
                "null",
                "12.5e3",
                "\"\\u004dARKER\"",
            ];
            string[] names = ["Status", "status ", "enrolments", "MARKER", "name", "contest", "stale"];
            members.Insert(
                random.Next(members.Count + 1),
                $"\"{Escape(names[random.Next(names.Length)], random)}{i}\":{values[random.Next(values.Length)]}"
            );
        }
    }

    private static string Escape(string text, Random random) =>
        random.Next(3) > 0 ? text : string.Concat(text.Select(c => random.Next(3) == 0 ? $"\\u{(int)c:x4}" : c.ToString()));

    private static byte[] Mutate(byte[] body, Random random)
    {
        var bytes = body.ToList();
        for (var i = 1 + random.Next(4); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes.Insert(at, (byte)"{}[]\",:\\0 "[random.Next(10)]);
                    break;
            }

            if (bytes.Count == 0)
                bytes.Add((byte)'{');
        }

        return [.. bytes];
    }

    private static void AssertNoLeak(JsonMinimizer minimizer, SourceAnswer answer, string[] release)
    {
        var written = JsonMinimizerTest.Written(minimizer, SomeContract.Terms(), answer);
        Assert.DoesNotContain("MARKER", written, StringComparison.OrdinalIgnoreCase);
        var json = JsonNode.Parse(written)!.AsObject();
        var left = json["enrolment"]?.AsObject().Select(pair => $"enrolment.{pair.Key}").ToHashSet() ?? [];
        Assert.Subset(release.ToHashSet(), left);
        Assert.Subset(answer.ReleasedPaths.ToHashSet(), left);
        Assert.True(json["enrolment"] is not JsonObject { Count: 0 }, "an empty object is omitted");
        Assert.Subset(
            new HashSet<string>
            {
                "schemaVersion",
                "matchStatus",
                "enrolment",
                "reliableFrom",
                "stale",
                "asOf",
                "source",
                "sourcesConsulted",
                "sourcesUnavailable",
            },
            json.Select(pair => pair.Key).ToHashSet()
        );
    }
}
