using System.Buffers.Binary;
using System.Security.Cryptography;
using Ledger;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Batches;

/// <summary>
/// Results of one batch at rest: the only place where a disclosure rests, so it is encrypted (AES-256-GCM) under a key that lives
/// in memory alone. Purging forgets the key; a restart forgets it too, and the file says nothing any more.
/// </summary>
/// <remarks>
/// File: frames of length u32, nonce u32, tag 16, ciphertext; a nonce is never used twice, not even by a frame that was dropped. <i>A crash
/// before the sync leaves frames that no record speaks of and that no key can open: the lines were never readable.</i>
/// </remarks>
internal sealed class Spool : IDisposable
{
    private const int TagBytes = 16,
        HeadBytes = 8 + TagBytes;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly AesGcm _cipher;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _length,
        _lastFrame;
    private int _frames,
        _nonces;

    /// <summary>Creates the file, readable by this user alone.</summary>
    public Spool(string folder, string batchId)
    {
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, $"{batchId}.results");
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.Asynchronous);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _cipher = new AesGcm(_key, TagBytes);
    }

    /// <summary>
    /// Takes the folder for this process, before anything in it is touched: what lies there may be another node's, which is alive.
    /// </summary>
    /// <exception cref="IOException">Another process has it; says so.</exception>
    public static IDisposable Own(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException(
                "Another process keeps the results of its batches in this Spool folder: each node needs one of its own.",
                taken
            );
        }
    }

    /// <summary>Deletes what an earlier process left: nobody has its keys.</summary>
    public static void Sweep(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.results"))
            File.Delete(file);
    }

    /// <summary>Appends a frame and syncs it.</summary>
    public void Append(ReadOnlySpan<byte> lines)
    {
        var frame = new byte[HeadBytes + lines.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, lines.Length);
        Span<byte> nonce = stackalloc byte[12];
        nonce.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(nonce, _nonces);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), _nonces++);
        _cipher.Encrypt(nonce, lines, frame.AsSpan(HeadBytes), frame.AsSpan(8, TagBytes));
        RandomAccess.Write(_file, frame, _length);
        Posix.Fdatasync(_file);
        _lastFrame = _length;
        _length += frame.Length;
        _frames++;
    }

    /// <summary>Takes the last frame back: its records are not durable, so it was never readable.</summary>
    public void DropLast()
    {
        _length = _lastFrame;
        _frames--;
    }

    /// <summary>Reads frames back, one at a time, in the order in which they were written.</summary>
    /// <param name="frames">How many: those whose records are durable.</param>
    public IEnumerable<byte[]> Read(int frames)
    {
        var position = 0L;
        for (var number = 0; number < frames; number++)
        {
            var head = new byte[HeadBytes];
            RandomAccess.Read(_file, head, position);
            var sealedLines = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            RandomAccess.Read(_file, sealedLines, position + HeadBytes);
            var lines = new byte[sealedLines.Length];
            var nonce = new byte[12];
            head.AsSpan(4, 4).CopyTo(nonce);
            _cipher.Decrypt(nonce, sealedLines, head.AsSpan(8, TagBytes), lines);
            position += HeadBytes + sealedLines.Length;
            yield return lines;
        }
    }

    /// <summary>Forgets the key, then deletes the file.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _cipher.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
