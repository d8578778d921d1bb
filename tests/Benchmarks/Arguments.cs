using System.Globalization;

namespace Benchmarks;

/// <summary>What stands behind a name on the command line.</summary>
internal static class Arguments
{
    /// <summary>The text behind a name; null when the name is not there.</summary>
    public static string? Text(this string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <summary>The number behind a name, or another one.</summary>
    public static int Number(this string[] args, string name, int otherwise) =>
        args.Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
