using Ledger;
using Ledger.Notes;
using Ledger.Tiles;

namespace Verifier;

/// <summary>
/// Checks a whole log: every record, every tile, the root, the signature and the witnesses that the policy asks for, older checkpoints as
/// beginnings.
/// </summary>
public sealed class LogCheck(TrustPolicy policy)
{
    /// <summary>Older checkpoints (signed notes) that must be beginnings of the log.</summary>
    public IReadOnlyList<string> Old { get; init; } = [];

    /// <summary>Gets every record, one a line, once the log holds.</summary>
    public Stream? Lines { get; init; }

    /// <summary>Records below it may be gone, as a retention policy allows.</summary>
    public long FirstRecord { get; init; }

    /// <summary>Only hashes are read: for whoever may not see the records.</summary>
    public bool HashesOnly { get; init; }

    /// <summary>Language of the sentence: fr, ar or en.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Told how many records were verified, of how many.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Runs the check on the folder that holds <c>checkpoint</c> and <c>tile/</c>.</summary>
    public CheckResult Run(string directory) => Run(() => LogReader.Open(directory, policy));

    /// <summary>As the other, wherever the log is shown.</summary>
    public CheckResult Run(ILogSource source) => Run(() => LogReader.Open(source, policy));

    private CheckResult Run(Func<LogReader> open)
    {
        try
        {
            var log = open();
            log.Verify(HashesOnly ? log.Checkpoint.Size : FirstRecord, Progress);
            foreach (var note in Old)
            {
                if (CheckOld(log, note) is { } reason)
                {
                    return CheckResult.Fails(reason);
                }
            }

            foreach (var entry in Lines is null ? [] : log.Entries(FirstRecord))
            {
                Lines!.Write(entry.Text.Span);
                Lines.WriteByte((byte)'\n');
            }

            var key =
                HashesOnly ? "log-proved-hashes"
                : FirstRecord > 0 ? "log-proved-from"
                : "log-proved";
            var (origin, size, root) = (log.Checkpoint.Origin, log.Checkpoint.Size, log.Checkpoint.Root.ToBase64());
            return CheckResult.Proved(Say.Say(key, origin, size, root, Sentences.Number(FirstRecord)));
        }
        catch (LedgerDamaged e)
        {
            return CheckResult.Fails(Say.Say(e));
        }
    }

    private Sentences Say => new(Language);

    private string? CheckOld(LogReader log, string text)
    {
        if (
            !SignedNote.TryParse(text, out var note)
            || !Checkpoint.TryParse(note.Text, out var old)
            || old.Origin != log.Checkpoint.Origin
            || !policy.Logs.Any(key => key.Name == old.Origin && note.IsSignedBy(key))
        )
        {
            return Say.Say("old-foreign");
        }

        return old.Size > log.Checkpoint.Size ? Say.Say("old-larger", log.Checkpoint.Size, old.Size)
            : old.Size > 0 && log.RootAt(old.Size) != old.Root ? Say.Say("old-other", old.Size)
            : null;
    }
}

/// <summary>Checks an offline proof (C2SP tlog-proof) of one record.</summary>
public sealed class ProofCheck(TrustPolicy policy)
{
    /// <summary>Language of the sentence: fr, ar or en.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Runs the check.</summary>
    /// <param name="proofText">The proof file.</param>
    /// <param name="entry">The record's exact bytes.</param>
    public CheckResult Run(string proofText, ReadOnlyMemory<byte> entry)
    {
        var say = new Sentences(Language);
        if (!TlogProof.TryParse(proofText, out var proof))
        {
            return CheckResult.Fails(say.Say("proof-malformed"));
        }

        if (policy.FaultOf(proof.Note, out var checkpoint) is { } fault)
        {
            return CheckResult.Fails(say.Say(fault, checkpoint?.Origin ?? "checkpoint"));
        }

        return proof.Proves(LeafHash.Of(entry.Span), checkpoint!)
            ? CheckResult.Proved(say.Say("proof-proved", Sentences.Number(proof.Index), checkpoint!.Size, checkpoint.Origin))
            : CheckResult.Fails(say.Say("proof-other", Sentences.Number(proof.Index)));
    }
}
