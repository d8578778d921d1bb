using Ledger;
using Ledger.Notes;
using Ledger.Subjects;
using Ledger.Tiles;

namespace Verifier;

/// <summary>
/// Checks an <c>Audit-Receipt</c> (ledger page §11.1): first the signature alone, then, with the log's folder or the record, everything:
/// leaf, inclusion in the signed tree, consistency with the published checkpoint, exchange id, digests of the bodies.
/// </summary>
public sealed class ReceiptCheck(TrustPolicy policy)
{
    /// <summary>The answer's body as received.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The request's body as sent.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The record, as <c>ledger.entry.read</c> gives it.</summary>
    public byte[]? Entry { get; init; }

    /// <summary>Folder that holds the log's <c>checkpoint</c> and <c>tile/</c>.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Runs the check.</summary>
    /// <param name="headers">The header's value, the header's line, or all headers of the answer as a client stored them.</param>
    public CheckResult Run(string headers)
    {
        if (FindHeader(headers) is not { } value || !ReceiptHeader.TryParse(value, out var receipt))
        {
            return CheckResult.Fails("there is no well-formed Audit-Receipt header");
        }

        if (!policy.Logs.Any(key => key.Name == receipt.Origin && key.Kind == SignatureKind.Ed25519 && receipt.Verify(key)))
        {
            return CheckResult.Fails($"the receipt is not signed by a trusted key of {receipt.Origin}");
        }

        try
        {
            return LogDirectory is null ? WithoutLog(receipt) : WithLog(receipt, LogReader.Open(LogDirectory, policy));
        }
        catch (LedgerDamaged e)
        {
            return CheckResult.Fails(e.Message);
        }
    }

    private CheckResult WithoutLog(ReceiptHeader receipt)
    {
        if (Entry is null && (Body is not null || Request is not null))
        {
            return CheckResult.Fails("a body can only be checked with its record: give the record or the log");
        }

        if (Entry is { } entry && CheckEntry(receipt, entry) is { } reason)
        {
            return CheckResult.Fails(reason);
        }

        return CheckResult.Proved(
            $"{receipt.Origin} signed a tree of {receipt.Size} records and stated that record {receipt.Index} of it is exchange {receipt.ExchangeId}{Bodies()};"
            + " whether the record stands in that tree takes the log.");
    }

    private CheckResult WithLog(ReceiptHeader receipt, LogReader log)
    {
        if (log.Checkpoint.Origin != receipt.Origin)
        {
            return CheckResult.Fails($"the receipt is of {receipt.Origin}, the log is {log.Checkpoint.Origin}");
        }

        if (receipt.Size > log.Checkpoint.Size)
        {
            return CheckResult.Fails($"the log has published {log.Checkpoint.Size} records, the receipt covers {receipt.Size}: it is older, or denies what it signed");
        }

        var proof = log.ConsistencyPath(receipt.Size);
        if (!ConsistencyProof.Verify(receipt.Size, receipt.Root, log.Checkpoint.Size, log.Checkpoint.Root, proof))
        {
            return CheckResult.Fails($"the published log does not continue the tree of {receipt.Size} records that it signed: it has two histories");
        }

        var record = log.Entry(receipt.Index);
        if (!InclusionProof.Verify(receipt.Leaf, receipt.Index, receipt.Size, log.InclusionPath(receipt.Index, receipt.Size), receipt.Root))
        {
            return CheckResult.Fails($"record {receipt.Index} is not in the tree that the receipt is signed for");
        }

        if (CheckEntry(receipt, record.Text) is { } reason)
        {
            return CheckResult.Fails(reason);
        }

        return CheckResult.Proved(
            $"record {receipt.Index} of {receipt.Origin} is exchange {receipt.ExchangeId}{Bodies()}, and it stands unchanged in the log of"
            + $" {log.Checkpoint.Size} records that is published now.");
    }

    /// <summary>Null when the record is the receipt's and the bodies are the record's, else the reason.</summary>
    private string? CheckEntry(ReceiptHeader receipt, ReadOnlyMemory<byte> entry)
    {
        if (LeafHash.Of(entry.Span) != receipt.Leaf)
        {
            return $"record {receipt.Index} does not have the receipt's leaf hash";
        }

        if (RecordFacts.Read(entry) is not { } facts || facts.Id != receipt.ExchangeId)
        {
            return $"record {receipt.Index} is of another exchange";
        }

        return Compare("answer", Body, facts.AnswerDigest, receipt) ?? Compare("request", Request, facts.RequestDigest, receipt);
    }

    private static string? Compare(string what, byte[]? body, string? digest, ReceiptHeader receipt) =>
        body is null ? null
        : digest is null ? $"record {receipt.Index} holds no digest of the {what}"
        : SaltedDigest.Compute(receipt.Salt.Span, body) == digest ? null
        : $"the {what} is not the one that record {receipt.Index} is about";

    private string Bodies() => (Body, Request) switch
    {
        (not null, not null) => ", with exactly this request and this answer",
        (not null, null) => ", with exactly this answer",
        (null, not null) => ", with exactly this request",
        _ => "",
    };

    private static string? FindHeader(string text)
    {
        const string Start = ReceiptHeader.Name + ":";
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = lines.Where(static line => line.StartsWith(Start, StringComparison.OrdinalIgnoreCase)).Select(static line => line[Start.Length..].Trim()).ToArray();
        return values.Length == 1 ? values[0] : values.Length == 0 && lines.Length == 1 ? lines[0] : null;
    }
}
