using Ledger.Tests.Crash;
using Xunit.Runner.InProc.SystemConsole;

return Environment.GetEnvironmentVariable(Crasher.Variable) is { Length: > 0 } folder
    ? await Crasher.Run(folder)
    : await ConsoleRunner.Run(args);
