using Ledger;
using Ledger.Notes;
using Ledger.Subjects;
using Ledger.Tiles;
using static Verifier.Sentences;

namespace Verifier;

/// <summary>
/// Checks an <c>Audit-Receipt</c> (ledger page §11.1): first the signature alone, then, with the log's folder or the record, everything:
/// leaf, inclusion in the signed tree, consistency with the published checkpoint, exchange id, digests of the bodies.
/// </summary>
public sealed class ReceiptCheck(TrustPolicy policy)
{
    private Sentences _say = new("en");

    /// <summary>The answer's body as received.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The request's body as sent.</summary>
    public byte[]? Request { get; init; }

    /// <summary>The record, as <c>ledger.entry.read</c> gives it.</summary>
    public byte[]? Entry { get; init; }

    /// <summary>Language of the sentence: fr, ar or en.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Folder that holds the log's <c>checkpoint</c> and <c>tile/</c>.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Runs the check.</summary>
    /// <param name="headers">The header's value, the header's line, or all headers of the answer as a client stored them.</param>
    public CheckResult Run(string headers)
    {
        _say = new Sentences(Language);
        if (FindHeader(headers) is not { } value || !ReceiptHeader.TryParse(value, out var receipt))
        {
            return CheckResult.Fails(_say.Say("no-header"));
        }

        if (!policy.Logs.Any(key => key.Name == receipt.Origin && key.Kind == SignatureKind.Ed25519 && receipt.Verify(key)))
        {
            return CheckResult.Fails(_say.Say("unsigned", receipt.Origin));
        }

        try
        {
            return LogDirectory is null ? WithoutLog(receipt) : WithLog(receipt, LogReader.Open(LogDirectory, policy));
        }
        catch (LedgerDamaged e)
        {
            return CheckResult.Fails(_say.Say("damaged", _say.Say(e)));
        }
    }

    private CheckResult WithoutLog(ReceiptHeader receipt)
    {
        if (Entry is null && (Body is not null || Request is not null))
        {
            return CheckResult.Fails(_say.Say("body-alone"));
        }

        if (Entry is { } entry && CheckEntry(receipt, entry) is { } reason)
        {
            return CheckResult.Fails(reason);
        }

        return CheckResult.Proved(
            _say.Say("proved-alone", receipt.Origin, receipt.Size, Number(receipt.Index), receipt.ExchangeId, Bodies())
        );
    }

    private CheckResult WithLog(ReceiptHeader receipt, LogReader log)
    {
        if (log.Checkpoint.Origin != receipt.Origin)
        {
            return CheckResult.Fails(_say.Say("other-log", receipt.Origin, log.Checkpoint.Origin));
        }

        if (receipt.Size > log.Checkpoint.Size)
        {
            return CheckResult.Fails(_say.Say("not-yet-published", log.Checkpoint.Size, receipt.Size, Number(receipt.Index)));
        }

        var proof = log.ConsistencyPath(receipt.Size);
        if (!ConsistencyProof.Verify(receipt.Size, receipt.Root, log.Checkpoint.Size, log.Checkpoint.Root, proof))
        {
            return CheckResult.Fails(_say.Say("two-histories", receipt.Size));
        }

        var record = log.Entry(receipt.Index);
        if (!InclusionProof.Verify(receipt.Leaf, receipt.Index, receipt.Size, log.InclusionPath(receipt.Index, receipt.Size), receipt.Root))
        {
            return CheckResult.Fails(_say.Say("not-included", Number(receipt.Index)));
        }

        if (CheckEntry(receipt, record.Text) is { } reason)
        {
            return CheckResult.Fails(reason);
        }

        return CheckResult.Proved(
            _say.Say("proved", receipt.Origin, log.Checkpoint.Size, Number(receipt.Index), receipt.ExchangeId, Bodies())
        );
    }

    /// <summary>Null when the record is the receipt's and the bodies are the record's, else the reason.</summary>
    private string? CheckEntry(ReceiptHeader receipt, ReadOnlyMemory<byte> entry)
    {
        if (LeafHash.Of(entry.Span) != receipt.Leaf)
        {
            return _say.Say("other-leaf", Number(receipt.Index));
        }

        if (RecordFacts.Read(entry) is not { } facts || facts.Id != receipt.ExchangeId)
        {
            return _say.Say("other-exchange", Number(receipt.Index));
        }

        return Compare("answer", Body, facts.AnswerDigest, receipt) ?? Compare("request", Request, facts.RequestDigest, receipt);
    }

    private string? Compare(string what, byte[]? body, string? digest, ReceiptHeader receipt) =>
        body is null ? null
        : digest is null ? _say.Say($"no-{what}-digest", Number(receipt.Index))
        : SaltedDigest.Compute(receipt.Salt.Span, body) == digest ? null
        : _say.Say($"other-{what}", Number(receipt.Index));

    private string Bodies() =>
        (Body, Request) switch
        {
            (not null, not null) => _say.Say("with-both"),
            (not null, null) => _say.Say("with-answer"),
            (null, not null) => _say.Say("with-request"),
            _ => "",
        };

    private static string? FindHeader(string text)
    {
        const string Start = ReceiptHeader.Name + ":";
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = lines
            .Where(static line => line.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
            .Select(static line => line[Start.Length..].Trim())
            .ToArray();
        return values.Length == 1 ? values[0]
            : values.Length == 0 && lines.Length == 1 ? lines[0]
            : null;
    }
}
