namespace Admin.CommandLine;

/// <summary>Exit codes of every command.</summary>
internal static class Exit
{
    /// <summary>Done, or all is well.</summary>
    internal const int Ok = 0;
    /// <summary>Something was found wrong, or what was asked is refused.</summary>
    internal const int Wrong = 1;
    /// <summary>The command line is wrong, or a file or store that it names cannot be used.</summary>
    internal const int Usage = 2;
}

/// <summary>Ends a command with words for the person who gave it.</summary>
/// <param name="words">What is wrong and what to do; no secret.</param>
/// <param name="exit">One of <see cref="Exit"/>.</param>
internal sealed class Declined(string words, int exit = Exit.Wrong) : Exception(words)
{
    internal int Code { get; } = exit;
}
