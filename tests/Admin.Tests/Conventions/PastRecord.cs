using System.Globalization;
using System.Text;

namespace Admin.Tests.Conventions;

/// <summary>Records of past calls under the convention with the education ministry, as the gateway writes them.</summary>
internal static class PastRecord
{
    public const string Id = "ANSS-MENPS-2026-01",
        Schooling = "ASD_SCHOOLING",
        School = "ASD_BACK_TO_SCHOOL",
        Assistance = "FILE_ASSISTANCE",
        Office = "anss-office-06181-01";

    /// <summary>An answered call.</summary>
    public static string Answered(
        string at,
        string person = "A",
        string match = "MATCHED",
        string client = "anss-eligibility",
        string purpose = Schooling,
        string? agent = null,
        string fields = "\"enrolment.status\"",
        string more = ""
    ) =>
        Call(
            "access",
            at,
            client,
            purpose,
            agent,
            $",\"sk\":\"2026q4\",\"subj\":\"{Person(person)}\"",
            $"\"out\":\"permit\",\"match\":\"{match}\",\"st\":200{(match == "MATCHED" ? $",\"fld\":[{fields}]" : "")}{more}"
        );

    /// <summary>A refused call.</summary>
    public static string Refused(
        string at,
        string code,
        string person = "A",
        string client = "anss-eligibility",
        string purpose = Schooling,
        string? agent = null,
        string more = ""
    ) =>
        Call(
            "deny",
            at,
            client,
            purpose,
            agent,
            person.Length == 0 ? "" : $",\"sk\":\"2026q4\",\"subj\":\"{Person(person)}\"",
            $"\"out\":\"deny\",\"code\":\"{code}\",\"st\":403{more}"
        );

    /// <summary>The hidden truth behind an answered call.</summary>
    public static string Decision(string of, string rule) =>
        $$"""{"v":1,"ev":"decision","id":"01M4ZDBB2GDE3B4WZZ6KYE3999","ts":"{{Time(of)}}","ref":"{{IdOf(of)}}","gate":"none","out":"deny","rule":"{{rule}}"}""";

    private static string Call(string kind, string at, string client, string purpose, string? agent, string whom, string what) =>
        $$"""{"v":1,"ev":"{{kind}}","id":"{{IdOf(at)}}","ts":"{{Time(at)}}","org":"anss","cli":"{{client}}"{{(agent is null ? "" : $",\"agent\":\"{agent}\",\"aal\":\"stated\"")}}{{(client == Office ? ",\"office\":\"TER-06181-01\"" : "")}},"op":"education.school-enrolment.read","purp":"{{purpose}}","agr":"{{Id}}@3","cref":"AAAAAAAAAAAAAAAAAAAAAA"{{whom}},{{what}}}""";

    // "11-03 10:00:00" of 2026.
    private static string Time(string at) => $"2026-{at[..5]}T{at[6..]}.000Z";

    private static string IdOf(string at) =>
        "01M4ZDBB2GDE3B"
        + string.Create(
            CultureInfo.InvariantCulture,
            $"{Encoding.ASCII.GetBytes(at).Aggregate(7L, static (sum, next) => (sum * 31 + next) % 999_999_999_999):D12}"
        );

    private static string Person(string name) => name.PadRight(22, 'A');
}
