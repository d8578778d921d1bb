namespace Tokens.Operations;

/// <summary>A program does not start. Each fault is one sentence that names the setting, for the person who runs the program.</summary>
/// <param name="faults">What has to be mended.</param>
public sealed class StartRefused(IReadOnlyList<string> faults) : Exception(string.Join("; ", faults))
{
    /// <summary>What has to be mended.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
