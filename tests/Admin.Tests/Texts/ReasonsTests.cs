using System.Text.RegularExpressions;
using Admin.Texts;
using Tokens.ClientProof;
using Tokens.Jose;
using Tokens.Possession;
using Tokens.Transport;

namespace Admin.Tests.Texts;

/// <summary>Every reason for which the token server refuses has words in three languages, and none has them twice.</summary>
public sealed partial class ReasonsTests
{
    public static IEnumerable<string> Codes() =>
        [
            .. OfEnum<JoseDefect>("assertion-"),
            .. OfEnum<AssertionDefect>("assertion-").Except(["assertion-malformed"]),
            .. OfEnum<DpopDefect>("proof-"),
            .. OfEnum<TlsRejection>("tls-"),
            .. Literals(),
        ];

    [Fact]
    public void Every_code_of_the_token_server_has_words_in_every_language()
    {
        var codes = Codes().Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(codes.Length > 70, $"only {codes.Length} codes found");
        Assert.Empty(
            from code in codes
            from language in Reasons.Languages
            where Reasons.Find(code, language) is not { What.Length: > 0, Remedy.Length: > 0 }
            select $"{language}: {code}"
        );
    }

    [Fact]
    public void The_gateway_s_texts_are_taken_over_and_not_written_again()
    {
        foreach (var language in Reasons.Languages)
        {
            var own = Own(language);
            var gateway = Keys(File.ReadAllText(Path.Combine(Root, "src", "Gateway", "Problems", $"details.{language}.json")));
            Assert.Empty(own.Intersect(gateway, StringComparer.Ordinal));
            Assert.All(gateway, code => Assert.NotNull(Reasons.Find(code, language)));
            Assert.Equal(Own("en"), own);
        }
    }

    [Fact]
    public void A_code_that_is_newer_than_the_program_is_said_as_it_is() => Assert.Equal("later-code", Reasons.Of("later-code", "fr").What);

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    private static string[] Own(string language) =>
        Keys(File.ReadAllText(Path.Combine(Root, "src", "Admin", "Texts", $"reasons.{language}.json")));

    private static string[] Keys(string json) =>
        [.. System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject().Select(static member => member.Key)];

    private static IEnumerable<string> OfEnum<T>(string prefix)
        where T : struct, Enum =>
        Enum.GetNames<T>().Where(static name => name != "None").Select(name => prefix + Capital().Replace(name, "-$0").ToLowerInvariant());

    // However a call is laid out.
    private static string OneLine(string source) =>
        string.Join(' ', source.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("( ", "(", StringComparison.Ordinal);

    private static IEnumerable<string> Literals() =>
        from file in Directory.GetFiles(Path.Combine(Root, "src", "Authority"), "*.cs")
        let source = OneLine(File.ReadAllText(file))
        from Match match in Code().Matches(source)
        let code = match.Groups["code"].Value
        where !code.EndsWith('-')
        select code;

    [GeneratedRegex("(?<=.)[A-Z]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Capital();

    [GeneratedRegex(
        """(?:InvalidRequest\(|InvalidClient\(|Unavailable\(|Refused\(|new(?: TokenRefusal)?\("[a-z_]+", (?:\d+|StatusCodes\.\w+), |Ruled\("[a-z_]+", \d+, )"(?<code>[a-z0-9-]+)""",
        RegexOptions.ExplicitCapture,
        5000
    )]
    private static partial Regex Code();
}
