using System.Text;
using System.Text.Json.Nodes;
using Gateway.Minimization;
using Gateway.Requests;

namespace Gateway.Tests.Minimization;

/// <summary>Answers to a search for one person's visits: nobody known, and one match, with what a server may add.</summary>
internal static class SomeBundle
{
    public const string Person = "urn:anss:id:health|hea_6E84H0WZF587KJF1648P65M90C";
    public const string Whole = "https://h.example/fhir/Observation";
    public const string Code = "code=http://loinc.org|68493-6";
    public const string Sound = """
        {"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"68493-6"}]},
         "subject":{"reference":"Patient/p-1","identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},
         "effectiveDateTime":"2026-09-11","valueInteger":2}
        """;

    public const string Match = $$$"""{"resource":{{{Sound}}},"search":{"mode":"match"}}""";

    private static ReleaseTerms Terms()
    {
        var search = new SearchQuestion { Type = SomeFhir.Observation, Elements = "subject,status,code" };
        search.Parameters.Add(("code", "http://loinc.org|68493-6"));
        return SomeFhir.Terms() with
        {
            Question = new AccessRequest { Subject = SomeFhir.Infant, Search = search },
        };
    }

    /// <summary>What the gateway makes of it: a match status, or the code of a refusal. Single quotes are read as double ones.</summary>
    public static string Said(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body.Replace('\'', '"'));
        var verdict = FhirMinimizer.Compile(SomeFhir.Observation, SomeFhir.Visits).Read(Terms(), bytes);
        return verdict.Allows(out var answer, out var refusal) ? answer.MatchStatus : refusal.Problem.Code;
    }

    public static string Empty(string members = "") => $$"""{"resourceType":"Bundle","type":"searchset","total":0{{members}}}""";

    public static string Found(string members = "", string entries = "") =>
        $$$"""{"resourceType":"Bundle","type":"searchset","total":1{{{members}}},"entry":[{{{Match}}}{{{entries}}}]}""";

    public static string Links(params string[] said)
    {
        var links = said.Chunk(2).Select(static pair => new JsonObject { ["relation"] = pair[0], ["url"] = pair[1] });
        return $",\"link\":{new JsonArray([.. links]).ToJsonString()}";
    }

    public static string Entry(string entry) => $",\"entry\":[{entry}]";

    public static string Outcome(string issue) =>
        $$$"""{"resource":{"resourceType":"OperationOutcome","issue":[{ {{{issue}}} }]},"search":{"mode":"outcome"}}""";
}
