using System.Globalization;
using Ledger.Notes;

namespace Ledger.Witnesses;

/// <summary>A witness that holds another history than ours.</summary>
/// <param name="Code">What is sealed: 409 or 422.</param>
/// <param name="Size">Size that it holds, or of what it refused.</param>
/// <param name="What">For people.</param>
internal sealed record WitnessRefusal(string Code, long Size, string What);

/// <summary>The gateway's memory of one witness: what it cosigned last, and how it took the newest checkpoint.</summary>
internal sealed class WitnessLine(WitnessClient client)
{
    private const int Attempts = 3;
    private long _held;

    public string Name => client.Name;

    /// <summary>Its cosignature on the checkpoint of the last round.</summary>
    public NoteSignature? Cosigned { get; private set; }

    /// <summary>It gave no usable answer in the last round.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Set once and never taken back.</summary>
    public WitnessRefusal? Refusal { get; private set; }

    /// <summary>
    /// Asks for a cosignature. A witness that holds an earlier size than believed is asked again from there. Whatever one witness answers,
    /// the others are asked all the same: what goes wrong with this one is given back.
    /// </summary>
    public async Task<Exception?> AskAsync(PublishedCheckpoint published, SubtreeReader tiles, CancellationToken cancel)
    {
        Cosigned = null;
        IsSilent = true;
        try
        {
            await TryAsync(published, tiles, cancel);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            return e;
        }
    }

    private async Task TryAsync(PublishedCheckpoint published, SubtreeReader tiles, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var old = Math.Min(_held, published.Size);
            var reply = await client.AddAsync(
                new AddCheckpoint(old, ConsistencyProof.Build(old, published.Size, tiles), published.Note),
                cancel
            );
            switch (reply.Verdict)
            {
                case WitnessVerdict.Cosigned:
                    (Cosigned, _held, IsSilent) = (reply.Line, published.Size, false);
                    return;
                case WitnessVerdict.OtherSize when reply.Size <= published.Size && reply.Size != old:
                    _held = reply.Size;
                    continue;
                case WitnessVerdict.OtherSize:
                    IsSilent = false;
                    Refusal = new WitnessRefusal(
                        "409",
                        reply.Size,
                        reply.Size > published.Size
                            ? string.Create(
                                CultureInfo.InvariantCulture,
                                $"has cosigned {reply.Size} records of this log, which has {published.Size}: this is an older copy, or another history"
                            )
                            : string.Create(
                                CultureInfo.InvariantCulture,
                                $"has cosigned another tree of {reply.Size} records: two histories were signed"
                            )
                    );
                    return;
                case WitnessVerdict.Inconsistent:
                    IsSilent = false;
                    Refusal = new WitnessRefusal(
                        "422",
                        published.Size,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"holds a tree that the {published.Size} records of this log do not continue: two histories were signed"
                        )
                    );
                    return;
                default:
                    return;
            }
        }
    }
}
