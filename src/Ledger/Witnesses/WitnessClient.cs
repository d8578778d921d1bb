using System.Globalization;
using System.Net;
using System.Text;
using Ledger.Notes;

namespace Ledger.Witnesses;

/// <summary>How a witness answered a checkpoint.</summary>
public enum WitnessVerdict
{
    /// <summary>It cosigned.</summary>
    Cosigned,

    /// <summary>It holds another size than was believed (409): ask again from there, if that size can be ours at all.</summary>
    OtherSize,

    /// <summary>It holds a history that ours does not continue (422).</summary>
    Inconsistent,

    /// <summary>No usable answer: not reached, unknown log, or nonsense.</summary>
    Silent,
}

/// <summary>A verdict with what came along.</summary>
/// <param name="Verdict">How it answered.</param>
/// <param name="Line">The cosignature, verified.</param>
/// <param name="Size">The size that it holds, of <see cref="WitnessVerdict.OtherSize"/>.</param>
/// <param name="Reason">Why it is silent, for the diagnostic log.</param>
public readonly record struct WitnessReply(WitnessVerdict Verdict, NoteSignature? Line = null, long Size = 0, string Reason = "");

/// <summary>Speaks tlog-witness to one witness. Everything that comes back is checked before it is believed.</summary>
/// <param name="http">Its time-out bounds each call; its trust decides which servers are believed.</param>
/// <param name="witness">With an address.</param>
public sealed class WitnessClient(HttpClient http, PolicyWitness witness)
{
    private const int MostCharacters = 64 << 10;

    /// <summary>Name in the policy.</summary>
    public string Name => witness.Name;

    /// <summary>Submits a checkpoint.</summary>
    public async Task<WitnessReply> AddAsync(AddCheckpoint request, CancellationToken cancel)
    {
        try
        {
            using var content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
            using var response = await http.PostAsync(new Uri(witness.Url!, "add-checkpoint"), content, cancel);
            var body = await ReadAsync(response, cancel);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Verified(request.Note, body),
                HttpStatusCode.Conflict
                    when body.EndsWith('\n') && long.TryParse(body[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) =>
                    new WitnessReply(WitnessVerdict.OtherSize, Size: size),
                // A conflict without a size is no answer of a witness: only what the specification says may stop a log.
                HttpStatusCode.Conflict => Silent("answered 409 without a size"),
                HttpStatusCode.UnprocessableEntity => new WitnessReply(WitnessVerdict.Inconsistent),
                var other => Silent(string.Create(CultureInfo.InvariantCulture, $"answered {(int)other}")),
            };
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Silent("did not answer");
        }
    }

    /// <summary>The checkpoint that it cosigned last. Null text: it holds none; false: it did not answer.</summary>
    public async Task<(bool Answered, string? Note)> LatestAsync(VerifierKey log, CancellationToken cancel)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(witness.Url!, Witness.NameOf(log.Name) + "/checkpoint"), cancel);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return (true, null);
            }

            var note = response.IsSuccessStatusCode ? await ReadAsync(response, cancel) : "";
            return Checkpoint.TryOpen(note, log, out _) ? (true, note) : (false, null);
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return (false, null);
        }
    }

    private WitnessReply Verified(string note, string lines)
    {
        if (
            SignedNote.TryParse(note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)] + lines, out var cosigned)
            && cosigned.IsSignedBy(witness.Key)
        )
        {
            var line = cosigned.Signatures.First(signature =>
                signature.Name == witness.Key.Name && witness.Key.VerifyLine(Encoding.UTF8.GetBytes(cosigned.Text), signature.Bytes.Span)
            );
            return new WitnessReply(WitnessVerdict.Cosigned, line);
        }

        return Silent("answered without its cosignature");
    }

    private static WitnessReply Silent(string reason) => new(WitnessVerdict.Silent, Reason: reason);

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
        var buffer = new char[MostCharacters];
        var read = await reader.ReadBlockAsync(buffer, cancel);
        return read < buffer.Length ? new string(buffer, 0, read) : throw new IOException("an answer of a witness is too long");
    }
}
