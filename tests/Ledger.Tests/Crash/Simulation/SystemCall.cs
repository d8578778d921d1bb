using System.Globalization;
using System.Text.RegularExpressions;

namespace Ledger.Tests.Crash.Simulation;

/// <summary>One successful system call of a traced process, as strace prints it with <c>-f -y -xx</c>.</summary>
internal sealed partial record SystemCall(string Name, string Path, string Target, byte[] Data, long Number, bool Creates, bool Truncates)
{
    /// <summary>The calls that change files or make them durable.</summary>
    public const string Traced = "openat,pwrite64,pwritev,pwritev2,fdatasync,fsync,syncfs,rename,unlink,mkdir,rmdir,ftruncate";

    /// <summary>
    /// The calls in their order. A write counts from when it begins, everything else when it has ended; one that failed or never ended
    /// counts only if it was a write (perhaps done).
    /// </summary>
    public static IEnumerable<SystemCall> Read(IEnumerable<string> lines)
    {
        var begun = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (thread, text) = (line[..space], line[space..].TrimStart());
            if (text.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                text = text[..^17];
                if (text.StartsWith("pwrite", StringComparison.Ordinal))
                {
                    yield return Parse(text);
                }

                begun[thread] = text;
            }
            else if (text.StartsWith("<... ", StringComparison.Ordinal))
            {
                if (begun.Remove(thread, out var first) && !first.StartsWith("pwrite", StringComparison.Ordinal) && Succeeded(text))
                {
                    yield return Parse(first + text[(text.IndexOf('>', StringComparison.Ordinal) + 1)..]);
                }
            }
            else if (
                text.Contains('(', StringComparison.Ordinal)
                && (
                    Succeeded(text)
                    || (text.StartsWith("pwrite", StringComparison.Ordinal) && !text.Contains("INJECTED", StringComparison.Ordinal))
                )
            )
            {
                yield return Parse(text);
            }
        }
    }

    private static bool Succeeded(string text) =>
        Result().Match(text) is { Success: true } result && result.Groups["v"].Value[0] is >= '0' and <= '9';

    private static SystemCall Parse(string text)
    {
        var name = text[..text.IndexOf('(', StringComparison.Ordinal)];
        var file = Descriptor().Match(text);
        string[] strings = [.. Quoted().Matches(text).Select(static match => match.Groups["v"].Value)];
        var path = file.Success
            ? Text(file.Groups["v"].Value) + (text.Contains("(deleted)", StringComparison.Ordinal) ? " (deleted)" : "")
            : "";
        return name switch
        {
            "openat" => new(
                name,
                Text(strings[0]),
                "",
                [],
                0,
                text.Contains("O_CREAT", StringComparison.Ordinal),
                text.Contains("O_TRUNC", StringComparison.Ordinal)
            ),
            "pwrite64" => new(name, path, "", Bytes(strings[0]), Last(text), false, false),
            "pwritev" or "pwritev2" => new("pwritev", path, "", [.. strings.SelectMany(Bytes)], 0, false, false),
            "ftruncate" => new(name, path, "", [], Last(text), false, false),
            "rename" => new(name, Text(strings[0]), Text(strings[1]), [], 0, false, false),
            "unlink" or "mkdir" or "rmdir" => new(name, Text(strings[0]), "", [], 0, false, false),
            _ => new(name, path, "", [], 0, false, false),
        };
    }

    /// <summary>The last argument: an offset or a length.</summary>
    private static long Last(string text)
    {
        var equals = text.LastIndexOf(") ", StringComparison.Ordinal);
        var end = equals < 0 ? text.Length : equals;
        return long.Parse(
            text.AsSpan(text.LastIndexOf(',', end - 1) + 1, end - text.LastIndexOf(',', end - 1) - 1).Trim().TrimEnd(')'),
            NumberStyles.None,
            CultureInfo.InvariantCulture
        );
    }

    private static byte[] Bytes(string escaped) => Convert.FromHexString(escaped.Replace("\\x", "", StringComparison.Ordinal));

    private static string Text(string escaped) => System.Text.Encoding.UTF8.GetString(Bytes(escaped));

    [GeneratedRegex(@"\) += (?<v>\S+)[^)]*(?:\(INJECTED\))?\s*[^""]*$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Result();

    [GeneratedRegex(@"^\w+\(\d+<(?<v>[^>]*)>", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Descriptor();

    [GeneratedRegex(@"""(?<v>[^""]*)""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Quoted();
}
