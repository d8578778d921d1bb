namespace Ledger.Tests.Support;

internal sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="memory">In memory where the system has such a place: for folders that stand for a disk.</param>
    public TempFolder(bool memory = false)
    {
        Path = System.IO.Path.Combine(
            memory && Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath(),
            "ledger-" + System.IO.Path.GetRandomFileName()
        );
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
