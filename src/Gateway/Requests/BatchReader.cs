using Agreements;
using Agreements.Contracts;
using Gateway.Problems;

namespace Gateway.Requests;

/// <summary>
/// Reads the lines of a batch (exchanges page, section 1.13). A line that is not valid yields a refusal of its own and never
/// fails the batch. One reader serves one batch: it remembers the references that it has seen.
/// </summary>
/// <param name="single">The operation that each line repeats.</param>
/// <param name="grant">Grant that covers the batch.</param>
/// <param name="granted">The batch operation in that grant.</param>
public sealed class BatchReader(Operation single, Grant grant, GrantedOperation granted)
{
    /// <summary>Most lines in one batch.</summary>
    public const int MostLines = 5000;

    /// <summary>Largest body, bytes.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Longest line, bytes; that of a single question.</summary>
    public const int MostLineBytes = 16 * 1024;

    // By the line that had it first: a line that is read again is no duplicate of itself.
    private Dictionary<string, int> _references = new(StringComparer.Ordinal);

    /// <summary>A reader of the same batch under other terms.</summary>
    public BatchReader Under(Operation other, Grant otherGrant, GrantedOperation otherGranted) =>
        new(other, otherGrant, otherGranted) { _references = _references };

    /// <summary>
    /// Number of lines, blank ones aside; <c>batch-too-large</c> or <c>request-invalid</c> without any: nothing is accepted.
    /// </summary>
    public static Verdict<int> Count(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MostBytes)
            return new Refusal(Problem.BatchTooLarge);
        var count = 0;
        foreach (var _ in Lines(body))
            if (++count > MostLines)
                return new Refusal(Problem.BatchTooLarge);
        return count > 0 ? count : RequestErrors.NotJson("empty-batch");
    }

    /// <summary>The lines of a body, blank ones left out.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.ContainsAnyExcept(" \t\r"u8))
                yield return line;
        }
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line; it must live as long as what is returned.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="today">Civil day in Africa/Casablanca.</param>
    public BatchLine Read(ReadOnlyMemory<byte> line, int number, DateOnly today)
    {
        if (line.Length > MostLineBytes)
            return new BatchLine(Unnamed(number), new Refusal(Problem.BodyTooLarge));
        var verdict = RequestReader.ReadJson(single, grant, granted, line, today, isLine: true, out var reference);
        if (reference is null)
            return new BatchLine(Unnamed(number), verdict);
        if (_references.TryAdd(reference, number) || _references[reference] == number)
            return new BatchLine(reference, verdict);
        return new BatchLine(
            reference,
            new Refusal(Problem.DuplicateReference) { Errors = [new RequestError("/reference", "duplicate-reference")] }
        );
    }

    // No reference can contain a colon, so this names the line and nothing that the caller could have meant.
    private static string Unnamed(int number) => $"line:{number}";
}

/// <summary>One line of a batch.</summary>
/// <param name="Reference">The caller's reference; <c>line:17</c> for a line without a sound one.</param>
/// <param name="Request">The question, or why it is none.</param>
public sealed record BatchLine(string Reference, Verdict<AccessRequest> Request);
