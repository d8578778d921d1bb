using System.Text;

namespace Ledger.Tests.Support;

internal static class Some
{
    public const string Origin = "anss.example/audit/2026/n1";

    public static SealedRecord Record(long number, int padding = 0) =>
        SealedRecord.Of(
            Encoding.ASCII.GetBytes($$"""{"v":1,"i":{{number}}{{(padding == 0 ? "" : $",\"p\":\"{new string('x', padding)}\"")}}}""")
        );

    public static LedgerOptions Options(string directory) =>
        new()
        {
            Directory = directory,
            Origin = Origin,
            SegmentBytes = 1 << 20,
            SpareSegments = 1,
            StopFreeBytes = 0,
            StopFreeShare = 0,
        };

    public static async Task<IReadOnlyList<Receipt>> Seal(ILedger ledger, params SealedRecord[] records)
    {
        Reservation? reservation;
        while (!ledger.TryReserve(records.Length, out reservation))
        {
            await Task.Delay(1);
        }

        using (reservation)
        {
            return await ledger.AppendAsync(reservation, records);
        }
    }
}
