namespace Sandbox.Pki;

/// <summary>
/// The right to change a state folder: one process at a time has it, until it ends in whatever way. It is taken before anything in the
/// folder is deleted or written.
/// </summary>
internal sealed class StateLock : IDisposable
{
    /// <summary>Name of the file that is locked; it stays, for another process may be waiting at it.</summary>
    public const string File = "lock";

    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Takes it.</summary>
    /// <exception cref="IOException">Another process has it; says so.</exception>
    public static StateLock Take(string path)
    {
        var state = new StateFolder(path);
        try
        {
            return new StateLock(new FileStream(state.At(File), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken)
        {
            throw new IOException(
                $"Another sandbox is at work in {state.Root}, and nothing was changed there: end it, or name another folder with --state.",
                taken
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
