using Dossiers.Tests.Support;
using Xunit.Runner.InProc.SystemConsole;

return Environment.GetEnvironmentVariable(Declarer.Variable) is { Length: > 0 } order
    ? await Declarer.Run(order)
    : await ConsoleRunner.Run(args);
