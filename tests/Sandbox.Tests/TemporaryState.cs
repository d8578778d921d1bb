using Sandbox.Pki;

namespace Sandbox.Tests;

/// <summary>A state folder that goes away with its test.</summary>
public sealed class TemporaryState : IDisposable
{
    public StateFolder Folder { get; } = new(Path.Combine(Path.GetTempPath(), "sandbox-test-" + Path.GetRandomFileName()));

    public void Dispose() => Directory.Delete(Folder.Root, recursive: true);
}

/// <summary>A clock that stands where a test puts it.</summary>
public sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
