using System.Globalization;
using System.Text;

namespace Ledger.Tests.Crash;

/// <summary>
/// The other process that gets killed: it replaces one small file again and again, and writes down each number once its text is said to be
/// durable. Its folder holds <c>book</c> and <c>done</c>.
/// </summary>
internal static class Rewriter
{
    public const string Variable = "LEDGER_REWRITER";

    public static string Text(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number}\n{new string('x', number * 977 % 9000)}\n");

    public static int Run(string folder)
    {
        using var done = File.OpenHandle(Path.Combine(folder, "done"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        for (var number = 1; number <= 100_000; number++)
        {
            AtomicFile.Replace(Path.Combine(folder, "book"), Text(number));
            // Two parts make it pwritev: the calls that strace counts are then the file's alone.
            ReadOnlyMemory<byte>[] parts = [Encoding.ASCII.GetBytes(number.ToString("D6", CultureInfo.InvariantCulture)), "\n"u8.ToArray()];
            RandomAccess.Write(done, parts, 0);
        }

        return 0;
    }
}
