using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Notes;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Witnesses;

/// <summary>What a witness answers.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Cosignature lines, the remembered size, or nothing.</param>
/// <param name="ContentType">Media type of the body.</param>
public readonly record struct WitnessAnswer(int Status, string Body = "", string ContentType = "text/plain; charset=utf-8");

/// <summary>
/// A witness (C2SP tlog-witness v1.0.0): remembers one checkpoint per log and cosigns only what continues it. Judgement and storing are one
/// step under a lock, and the file is durable before the answer: neither a race nor a crash rolls it back.
/// </summary>
public sealed class Witness : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly WitnessKey _key;
    private readonly TimeProvider _time;
    private readonly ILookup<string, VerifierKey> _logs;
    private readonly FileStream _ownership;
    private readonly SafeFileHandle _folder;

    /// <summary>Opens the state folder, which belongs to one process.</summary>
    /// <param name="directory">One file for each log, named by the hash of its origin.</param>
    /// <param name="key">Not disposed of by the witness.</param>
    /// <param name="logs">Keys of the logs that it knows; their names are the origins.</param>
    /// <param name="time">Clock of the cosignatures.</param>
    /// <exception cref="LedgerUnavailable">Another process has it.</exception>
    public Witness(string directory, WitnessKey key, IEnumerable<VerifierKey> logs, TimeProvider time)
    {
        (this._directory, this._key, this._time) = (directory, key, time);
        this._logs = logs.ToLookup(static log => log.Name, StringComparer.Ordinal);
        Directory.CreateDirectory(directory);
        _ownership = LogFiles.TakeLock(directory);
        _folder = Posix.OpenDirectory(directory);
    }

    /// <summary>What others verify cosignatures with.</summary>
    public VerifierKey Verifier => _key.Verifier;

    /// <summary>Name under which a log's checkpoint is kept and served: lower-case hexadecimal SHA-256 of the origin.</summary>
    public static string NameOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>The checkpoint that was cosigned last, with its cosignature; null for an unknown name, or before the first.</summary>
    public string? Latest(string name)
    {
        lock (_gate)
        {
            return _logs.Any(log => NameOf(log.Key) == name) ? AtomicFile.Read(Path.Combine(_directory, name)) : null;
        }
    }

    /// <summary>Judges a request. Checks come in the order of the specification.</summary>
    public WitnessAnswer Add(string body)
    {
        if (
            !AddCheckpoint.TryParse(body, out var request)
            || !SignedNote.TryParse(request.Note, out var note)
            || !Checkpoint.TryParse(note.Text, out var checkpoint)
        )
        {
            return new WitnessAnswer(400);
        }

        if (!_logs.Contains(checkpoint.Origin))
        {
            return new WitnessAnswer(404);
        }

        if (!_logs[checkpoint.Origin].Any(note.IsSignedBy))
        {
            return new WitnessAnswer(403);
        }

        if (request.Old > checkpoint.Size)
        {
            return new WitnessAnswer(400);
        }

        lock (_gate)
        {
            return Judge(request, note, checkpoint);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folder.Dispose();
        _ownership.Dispose();
    }

    private WitnessAnswer Judge(AddCheckpoint request, SignedNote note, Checkpoint checkpoint)
    {
        var path = Path.Combine(_directory, NameOf(checkpoint.Origin));
        var (size, root) = Remembered(path, checkpoint.Origin);
        if (request.Old != size || (size == checkpoint.Size && root != checkpoint.Root))
        {
            return new WitnessAnswer(409, size.ToString(CultureInfo.InvariantCulture) + "\n", "text/x.tlog.size");
        }

        if (!ConsistencyProof.Verify(size, root, checkpoint.Size, checkpoint.Root, request.Proof))
        {
            return new WitnessAnswer(422);
        }

        var body = Encoding.UTF8.GetBytes(note.Text);
        var line = _key.Cosign(body, _time.GetUtcNow()).ToString();
        var own = note.Signatures.Where(signature => signature.Name == checkpoint.Origin).Select(static signature => signature.ToString());
        // Crash before this returns: the log asks again with the old size and gets 409 with the new one, or the same answer.
        AtomicFile.Replace(path, note.Text + "\n" + string.Concat(own) + line, _folder);
        return new WitnessAnswer(200, line);
    }

    /// <summary>A file that cannot be read ends the witness's service for that log: it must never forget.</summary>
    private static (long Size, TreeHash Root) Remembered(string path, string origin) =>
        AtomicFile.Read(path) is not { } text ? (0, LeafHash.EmptyRoot)
        : SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint) && checkpoint.Origin == origin
            ? (checkpoint.Size, checkpoint.Root)
        : throw new LedgerDamaged(Path.GetFileName(path), "is not the checkpoint that this witness cosigned");
}
