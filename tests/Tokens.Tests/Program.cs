using Tokens.Tests.Support;
using Xunit.Runner.InProc.SystemConsole;

return Environment.GetEnvironmentVariable(OtherProcess.Variable) is { Length: > 0 } order
    ? await OtherProcess.Run(order)
    : await ConsoleRunner.Run(args);
