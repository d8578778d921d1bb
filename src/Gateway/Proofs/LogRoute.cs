using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Proofs;

/// <summary>What is asked of the log.</summary>
internal enum LogPart
{
    /// <summary>Newest published checkpoint.</summary>
    Checkpoint,

    /// <summary>Newest checkpoint that the quorum of witnesses has cosigned.</summary>
    Witnessed,

    /// <summary>A tile of hashes.</summary>
    Tile,

    /// <summary>A bundle of records.</summary>
    Entries,

    /// <summary>Inclusion path of a record.</summary>
    Path,

    /// <summary>Consistency between two sizes.</summary>
    Consistency,

    /// <summary>The trust policy.</summary>
    Policy,

    /// <summary>A record by its position.</summary>
    Entry,

    /// <summary>A record by its exchange id.</summary>
    Exchange,

    /// <summary>Offline proof of a record.</summary>
    Proof,
}

/// <summary>
/// Paths of the ledger page, section 11.2. They are those of the origin on this gateway's host, and name nothing outside the log: a path
/// that is not spelt exactly so is no path.
/// </summary>
/// <param name="Part">What is asked.</param>
/// <param name="File">Name of a tile or bundle, relative to the log's folder.</param>
/// <param name="Index">Position of a record.</param>
internal readonly partial record struct LogRoute(LogPart Part, string File = "", long Index = 0)
{
    private const string Policy = "/audit/policy";

    /// <summary>Prefix of the paths of a log: its origin without the domain.</summary>
    public static string PrefixOf(string origin) => origin[Math.Max(0, origin.IndexOf('/', StringComparison.Ordinal))..] + "/";

    /// <summary>Reads a path.</summary>
    public static LogRoute? Read(string prefix, string path)
    {
        if (path == Policy)
            return new LogRoute(LogPart.Policy);
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var rest = path[prefix.Length..];
        return rest switch
        {
            "checkpoint" => new LogRoute(LogPart.Checkpoint),
            "checkpoint-witnessed" => new LogRoute(LogPart.Witnessed),
            "consistency" => new LogRoute(LogPart.Consistency),
            "entry" => new LogRoute(LogPart.Exchange),
            _ when TileName().IsMatch(rest) => new LogRoute(
                rest.StartsWith("tile/entries/", StringComparison.Ordinal) ? LogPart.Entries : LogPart.Tile,
                rest
            ),
            _ when Indexed().Match(rest) is { Success: true } match && TryNumber(match.Groups["index"].Value, out var index) =>
                new LogRoute(
                    match.Groups["part"].Value switch
                    {
                        "path" => LogPart.Path,
                        "proof" => LogPart.Proof,
                        _ => LogPart.Entry,
                    },
                    Index: index
                ),
            _ => null,
        };
    }

    /// <summary>A number in its one spelling.</summary>
    public static bool TryNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text == "0" || text![0] != '0');

    [GeneratedRegex(
        "^tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x[0-9]{3}/){0,5}[0-9]{3}(?:\\.p/(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$",
        RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex TileName();

    [GeneratedRegex(
        "^(?<part>path|entry|proof)/(?<index>[0-9]{1,18})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Indexed();
}
