namespace AuditIndex.Tests.Support;

/// <summary>What this program does when it is started as the process that a test kills.</summary>
internal static class Children
{
    public const string Name = "--child";

    public static Task<int> Run(string[] args) => args switch
    {
        _ => Task.FromResult(2),
    };
}
