using Ledger.Tests.Crash;
using Xunit.Runner.InProc.SystemConsole;

if (Environment.GetEnvironmentVariable(Rewriter.Variable) is { Length: > 0 } rewritten)
{
    return Rewriter.Run(rewritten);
}

return Environment.GetEnvironmentVariable(Crasher.Variable) is { Length: > 0 } folder
    ? await Crasher.Run(folder)
    : await ConsoleRunner.Run(args);
