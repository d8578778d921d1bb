using System.Buffers.Text;
using Ledger;

namespace Benchmarks.Sealing;

/// <summary>Records of the size of an access record, each with a number of its own.</summary>
internal static class Records
{
    public const int Bytes = 604;
    private static readonly byte[] Template =
    [
        .. "{\"v\":1,\"ev\":\"access\",\"n\":1000000000,\"pad\":\""u8,
        .. Enumerable.Repeat((byte)'x', Bytes - 46),
        .. "\"}"u8,
    ];

    public static SealedRecord Next(long number)
    {
        var bytes = new byte[Template.Length];
        Template.CopyTo(bytes, 0);
        Utf8Formatter.TryFormat(1_000_000_000 + number, bytes.AsSpan(24), out _);
        return SealedRecord.Of(bytes);
    }

    public static LedgerOptions Options(string folder) => new() { Directory = folder, Origin = "bench.example/audit/2026/n1" };

    public static double Percentile(List<double> values, double p)
    {
        values.Sort();
        return values.Count == 0 ? 0 : values[Math.Min(values.Count - 1, (int)(p * values.Count))];
    }
}
