using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sandbox.Institutions.Behaviors;

/// <summary>
/// Turns a right answer into a wrong one, byte by byte where JSON itself is to be broken. Only misbehaving answers pass
/// here, so it may be slow.
/// </summary>
public static partial class Distortion
{
    private const int UndeclaredMembers = 300;
    private static readonly Lazy<byte[]> Bomb = new(MakeBomb);

    /// <summary>A gzip body of ten megabytes of spaces.</summary>
    public static ReadOnlyMemory<byte> GzipBomb => Bomb.Value;

    /// <summary>A body of two megabytes: the answer and white space.</summary>
    public static byte[] TooLarge(ReadOnlySpan<byte> answer)
    {
        var padded = new byte[2 << 20];
        padded.AsSpan().Fill((byte)' ');
        answer.CopyTo(padded);
        return padded;
    }

    /// <summary>Applies a mode that changes the body; other modes leave it as it is.</summary>
    /// <param name="mode">Mode.</param>
    /// <param name="answer">The right answer, one JSON object.</param>
    /// <param name="answerMember">Member that holds the answer object, for example <c>enrolment</c>.</param>
    /// <param name="anotherPerson">Identifier of the person that the answer is about instead.</param>
    public static byte[] Apply(BehaviorMode mode, ReadOnlySpan<byte> answer, string answerMember, string anotherPerson) =>
        mode switch
        {
            BehaviorMode.NotJson => Encoding.UTF8.GetBytes(
                "<!doctype html><title>Maintenance</title><p>SYNTHETIC: please come back later."
            ),
            BehaviorMode.Cut => answer[..(answer.Length * 2 / 3)].ToArray(),
            BehaviorMode.BadUtf8 => Insert(
                answer,
                answerMember,
                [(byte)'"', (byte)'x', (byte)'"', (byte)':', (byte)'"', 0xC3, 0x28, 0xFF, (byte)'"', (byte)',']
            ),
            BehaviorMode.DuplicateMember => Insert(answer, null, Duplicate(answer)),
            BehaviorMode.ExtraFields => Insert(Insert(answer, answerMember, Undeclared()), null, Undeclared()),
            BehaviorMode.Generous => Insert(Insert(answer, answerMember, Register()), null, Escaped()),
            BehaviorMode.WrongType => Change(answer, root => WrongTypes(root, answerMember)),
            BehaviorMode.WrongSubject => Change(answer, root => AboutAnother(root, anotherPerson)),
            BehaviorMode.ModifierExtension => Change(answer, Modify),
            BehaviorMode.AnotherYear => Replace(answer, SchoolYears(), static year => $"\"schoolYear\":\"{Year(year) - 1}-{Year(year)}\""),
            BehaviorMode.FutureAsOf => Replace(answer, Instants(), static instant =>
                $"\"{instant.Groups[1].Value}\":\"2099-01-01T00:00:00Z\""
            ),
            BehaviorMode.FutureSince => Replace(answer, Beginnings(), static _ => "\"since\":\"2099-01-01\""),
            BehaviorMode.PartialBundle => Replace(answer, Totals(), static total =>
                $"\"total\":{int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture) + 2}"
            ),
            _ => answer.ToArray(),
        };

    // On the text, since the answer to a chunk is many objects.
    private static byte[] Replace(ReadOnlySpan<byte> answer, Regex what, MatchEvaluator with) =>
        Encoding.UTF8.GetBytes(what.Replace(Encoding.UTF8.GetString(answer), with));

    private static int Year(Match year) => int.Parse(year.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("\"schoolYear\":\"(?<year>[0-9]{4})-[0-9]{4}\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SchoolYears();

    [GeneratedRegex("\"(?<name>asOf|timestamp)\":\"[^\"]*\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instants();

    [GeneratedRegex("\"since\":\"[^\"]*\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Beginnings();

    [GeneratedRegex("\"total\":(?<total>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Totals();

    private static byte[] Duplicate(ReadOnlySpan<byte> answer) =>
        answer.IndexOf("\"matchStatus\""u8) >= 0 ? "\"matchStatus\":\"NOT_FOUND\","u8.ToArray() : "\"type\":\"searchset\","u8.ToArray();

    private static byte[] Undeclared()
    {
        var text = new StringBuilder();
        for (var i = 0; i < UndeclaredMembers / 2; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"extra{i:D3}\":");
            text.Append(
                (i % 3) switch
                {
                    0 => "\"SYNTHETIC\",",
                    1 => "{\"status\":\"SYNTHETIC\",\"deep\":[1,{\"since\":null}]},",
                    _ => "[true,1e3,\"SYNTHETIC\"],",
                }
            );
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>What a register knows beside the answer. Every value is synthetic.</summary>
    private static byte[] Register() =>
        Encoding.UTF8.GetBytes(
            """
            "name":"SYNTHETIC Élève","grade":"2ASC","marks":[{"course":"maths","mark":17.5},{"course":"histoire","mark":12}],"guardian":{"name":"SYNTHETIC","status":"ENROLLED"},
            """
        );

    /// <summary>Names written with escapes, as some serializers do: they are the same names.</summary>
    private static byte[] Escaped() =>
        Encoding.UTF8.GetBytes(
            """
            "n\u0061me":"SYNTHETIC \"quoted\" \u0627\u0633\u0645","pupil":{"gr\u0061de":"2ASC","m\u0061rks":[[17.5]]},
            """
        );

    /// <summary>Puts members at the front of the answer object, or of the whole document when no member is named.</summary>
    private static byte[] Insert(ReadOnlySpan<byte> answer, string? member, ReadOnlySpan<byte> members)
    {
        var at = 1;
        if (member is not null)
        {
            var opening = Encoding.UTF8.GetBytes($"\"{member}\":{{");
            var found = answer.IndexOf(opening);
            if (found >= 0)
                at = found + opening.Length;
        }
        return [.. answer[..at], .. members, .. answer[at..]];
    }

    private static byte[] Change(ReadOnlySpan<byte> answer, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(answer)!.AsObject();
        change(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static void WrongTypes(JsonObject root, string answerMember)
    {
        if (root[answerMember] is JsonObject answer)
        {
            answer["status"] = 1;
            answer["since"] = "yesterday";
        }
        foreach (var resource in Resources(root))
        {
            foreach (var name in new[] { "status", "date" })
                if (resource[name] is { } value)
                    resource[name] = new JsonArray(value.DeepClone());
        }
    }

    private static void AboutAnother(JsonObject root, string anotherPerson)
    {
        if (root["subject"] is JsonObject subject)
            subject["value"] = anotherPerson;
        foreach (var resource in Resources(root))
        {
            foreach (var name in new[] { "patient", "subject", "beneficiary" })
                if (resource[name]?["identifier"] is JsonObject identifier)
                    identifier["value"] = anotherPerson;
        }
    }

    private static void Modify(JsonObject root)
    {
        foreach (var resource in Resources(root))
            resource["modifierExtension"] = new JsonArray(
                new JsonObject { ["url"] = "urn:ma:sante:synthetic:not-really", ["valueBoolean"] = true }
            );
    }

    private static IEnumerable<JsonObject> Resources(JsonObject root)
    {
        foreach (var entry in root["entry"] as JsonArray ?? [])
            if (entry?["resource"] is JsonObject resource)
                yield return resource;
    }

    private static byte[] MakeBomb()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            var block = new byte[1 << 20];
            block.AsSpan().Fill((byte)' ');
            gzip.Write("{\"schemaVersion\":\"1.0\""u8);
            for (var i = 0; i < 10; i++)
                gzip.Write(block);
            gzip.Write("}"u8);
        }
        return packed.ToArray();
    }
}
