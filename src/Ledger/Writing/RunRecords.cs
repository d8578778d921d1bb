using System.Text.Json;

namespace Ledger.Writing;

/// <summary>The records that the log itself seals: <c>start stop recover gap witness</c> (ledger page §3.3).</summary>
internal sealed class RunRecords(TimeProvider time)
{
    /// <param name="options">The log's options.</param>
    /// <param name="isFirst">Whether it is the first record of the log.</param>
    public SealedRecord Start(LedgerOptions options, bool isFirst) => RecordText.Write("start", time, json =>
        {
            json.WriteString("ver", options.ProgramVersion);
            json.WriteString("rt", Environment.Version.ToString());
            if (options.Policy is { } policy)
            {
                json.WriteString("pol", policy);
            }

            Clock(json);
            if (isFirst && options.Previous is { } previous)
            {
                json.WriteStartObject("prev");
                json.WriteString("log", previous.Origin);
                json.WriteNumber("size", previous.Size);
                json.WriteString("root", System.Buffers.Text.Base64Url.EncodeToString(previous.Root.AsSpan()));
                json.WriteEndObject();
            }
        });

    public SealedRecord Stop() => RecordText.Write("stop", time, static _ => { });

    /// <param name="cut">Bytes of a torn group that were cut.</param>
    /// <param name="tail">Records of the last whole group, kept although perhaps never acknowledged.</param>
    /// <param name="size">Tree size found.</param>
    public SealedRecord Recover(long cut, long tail, long size) => RecordText.Write("recover", time, json =>
        {
            json.WriteNumber("cut", cut);
            json.WriteNumber("tail", tail);
            json.WriteNumber("size", size);
        });

    /// <param name="from">First answer that could not be sealed.</param>
    /// <param name="until">Last one.</param>
    /// <param name="count">How many.</param>
    public SealedRecord Gap(DateTimeOffset from, DateTimeOffset until, long count) => RecordText.Write("gap", time, json =>
        {
            json.WriteString("from", RecordText.Time(from));
            json.WriteString("until", RecordText.Time(until));
            json.WriteNumber("n", count);
        });

    /// <param name="witness">Name in the policy; null when the quorum is meant.</param>
    /// <param name="code">quorum-lost, quorum-regained, or the HTTP status of a refusal.</param>
    /// <param name="size">Tree size that it is about.</param>
    public SealedRecord Witness(string? witness, string code, long size) => RecordText.Write("witness", time, json =>
        {
            if (witness is not null)
            {
                json.WriteString("wit", witness);
            }

            json.WriteString("code", code);
            json.WriteNumber("size", size);
        });

    private static void Clock(Utf8JsonWriter json)
    {
        if (SystemClock.TryRead(out var source, out var milliseconds))
        {
            json.WriteStartObject("clk");
            json.WriteString("src", source);
            json.WriteNumber("est", milliseconds);
            json.WriteEndObject();
        }
    }
}
