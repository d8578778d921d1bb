using System.Text;

namespace Ledger.Notes;

/// <summary>What a witness signs (C2SP tlog-cosignature v1, type <c>0x04</c>): a time, then the checkpoint's body.</summary>
public static class Cosignature
{
    /// <summary>The signed bytes: <c>cosignature/v1\ntime &lt;unix seconds&gt;\n</c> and the body.</summary>
    public static byte[] Message(ulong unixSeconds, ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"cosignature/v1\ntime {unixSeconds}\n"), .. body];
}
