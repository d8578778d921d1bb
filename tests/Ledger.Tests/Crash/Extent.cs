using System.Globalization;

namespace Ledger.Tests.Crash;

/// <summary>
/// How much of the fault matrix runs: a bounded part by default, all of it with LEDGER_FAULTS=full, any number with
/// LEDGER_FAULTS_&lt;family&gt;. What ran is written to the file LEDGER_FAULTS_REPORT, from which tests/faults.sh prints its table.
/// </summary>
internal static class Extent
{
    private static readonly Lock Gate = new();

    public static bool IsFull => Environment.GetEnvironmentVariable("LEDGER_FAULTS") == "full";

    public static int Of(string family, int bounded, int full) =>
        int.TryParse(
            Environment.GetEnvironmentVariable("LEDGER_FAULTS_" + family),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var own
        )
            ? own
        : IsFull ? full
        : bounded;

    /// <summary>One line while a family runs.</summary>
    public static void Progress(string family, string what, int done, int of) => Write($"progress|{family}|{what}|{done}|{of}");

    /// <summary>
    /// One line when a family has passed: how many faults, how many receipts clients held, how many of them are missing, how many records
    /// nobody sent.
    /// </summary>
    public static void Passed(string family, string what, int faults, long acknowledged, string remark = "") =>
        Write($"passed|{family}|{what}|{faults}|{acknowledged}|0|0|{remark}");

    private static void Write(FormattableString line)
    {
        if (Environment.GetEnvironmentVariable("LEDGER_FAULTS_REPORT") is { Length: > 0 } report)
        {
            lock (Gate)
            {
                File.AppendAllText(report, line.ToString(CultureInfo.InvariantCulture) + "\n");
            }
        }
    }
}
