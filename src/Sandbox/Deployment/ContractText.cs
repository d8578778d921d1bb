using System.Globalization;
using System.Text.RegularExpressions;

namespace Sandbox.Deployment;

/// <summary>
/// What changes in a contract file when it is deployed into a sandbox: years, addresses, limits. All of it text, line by
/// line, so that comments and order stay and a reader can compare the two folders.
/// </summary>
public static partial class ContractText
{
    /// <summary>Moves every date and every school year by some years; ids such as <c>ANSS-MENPS-2026-01</c> stay.</summary>
    public static string MoveYears(string text, int years) =>
        years == 0
            ? text
            : Years()
                .Replace(text, found =>
                    found.Groups["rest"].Success
                        ? Later(found.Groups["year"].Value, years) + found.Groups["rest"].Value
                        : $"{Later(found.Groups["year"].Value, years)}-{Later(found.Groups["next"].Value, years)}"
                );

    /// <summary>Puts an institution's provider where the town plays it; paths stay.</summary>
    /// <param name="text">Institution file.</param>
    /// <param name="address">Scheme, host and port, without trailing slash.</param>
    public static string MoveProvider(string text, string address) =>
        ProviderAddress().Replace(text, found => found.Groups["key"].Value + address);

    /// <summary>
    /// A negative of a source is reliable from the first day of the school year: a sandbox started in September would
    /// otherwise answer <c>PENDING</c> wherever its guide says <c>NOT_ENROLLED</c>.
    /// </summary>
    public static string OpenSeason(string text, DateOnly today) =>
        Season()
            .Replace(text, found =>
            {
                var day = DateOnly.ParseExact(found.Groups["day"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture);
                return day <= today || day.Month < 9 ? found.Value : $"{found.Groups["key"].Value}{day.Year}-09-01";
            });

    /// <summary>
    /// Lifts what would make a newcomer's tenth question about the same child, or a load generator, meet a quota. Grants that
    /// bound a human agent keep theirs, so that quotas can be seen.
    /// </summary>
    public static string LiftQuotas(string text) =>
        Quotas()
            .Replace(text, static found => found.Value.Contains("perAgentPerDay", StringComparison.Ordinal) ? found.Value
                : found.Value.StartsWith("quotas:", StringComparison.Ordinal) ? DailyNumber().Replace(found.Value, "${key}1000000000")
                : DailyNumber()
                    .Replace(QuotaNumber().Replace(found.Value, "${key}100000"), "${key}1000000000")
                    .Replace(
                        " }",
                        found.Value.Contains("missAllowance", StringComparison.Ordinal) ? " }" : ", missAllowance: 1000000000 }",
                        StringComparison.Ordinal
                    ));

    /// <summary>Lets batches run at the pace of this machine instead of a ministry's.</summary>
    public static string LiftPace(string text) => Pace().Replace(text, "${key}100000");

    /// <summary>Gives clients that state no limits of their own the widest ones.</summary>
    public static string LiftClientLimits(string text) =>
        ClientBlock()
            .Replace(text, block =>
                block.Value.Contains("limits:", StringComparison.Ordinal)
                    ? block.Value
                    : Binding()
                        .Replace(
                            block.Value,
                            "${line}    limits: { tokensPerMinute: 100000, connections: 10000, requestsPerSecond: 100000 }\n"
                        )
            );

    private static string Later(string year, int years) =>
        (int.Parse(year, CultureInfo.InvariantCulture) + years).ToString("D4", CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"(?<![\w-])(?<year>20\d\d)(?:(?<rest>-\d\d-\d\d)|-(?<next>20\d\d))(?![\w-])",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Years();

    [GeneratedRegex(
        @"(?m)^(?<key>\s+(?:baseAddress|base):\s+)https://[^/\s]+",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ProviderAddress();

    [GeneratedRegex(@"(?<key>reliableFrom:\s+)(?<day>\d{4}-\d\d-\d\d)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Season();

    [GeneratedRegex(@"(?m)^[ ]*quotas:.*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quotas();

    [GeneratedRegex(@"(?<key>(?:burstPerSecond|perSubjectPerDay):\s+)\d+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotaNumber();

    [GeneratedRegex(@"(?<key>(?:perDay|perMonth|missesPerDay):\s+)\d+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DailyNumber();

    [GeneratedRegex(@"(?m)^(?<key>\s+(?:ratePerSecond|maxInFlight):\s+)\d+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pace();

    [GeneratedRegex(@"(?m)^  - id: .*\n(?:    .*\n)+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClientBlock();

    [GeneratedRegex(@"(?m)^(?<line>    auth: .*\n)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Binding();
}
