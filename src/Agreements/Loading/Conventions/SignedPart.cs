using System.Text;
using Agreements.Loading.Yaml;
using Agreements.Signatures;

namespace Agreements.Loading.Conventions;

/// <summary>
/// What no signature covers: everything from the line <c>signatures:</c> on. Nothing but signatures may stand there, neither a clause nor a
/// remark that a reader would take for one.
/// </summary>
internal static class SignedPart
{
    private const string Mark = "signatures:";

    /// <summary>Reports a file in which something else stands behind the mark.</summary>
    public static void Check(byte[] file, YamlMapping root, Fields fields)
    {
        var signed = AgreementSignature.SignedBytes(file);
        // Verifiers find the mark as text, the loader as a key: both must mean the same line.
        var mark = signed.Count((byte)'\n') + 1;
        if (root.Entries[^1].Key != "signatures" || mark != fields.LineOf("signatures"))
            fields.Report.Error(fields.LineOf("signatures"), "signatures-not-last", Mark);
        var line = mark;
        foreach (var text in Encoding.UTF8.GetString(file.AsSpan(signed.Length)).Split('\n'))
        {
            if (text.Contains('#', StringComparison.Ordinal))
                fields.Report.Error(line, "text-behind-signatures", Mark);
            line++;
        }
    }
}
