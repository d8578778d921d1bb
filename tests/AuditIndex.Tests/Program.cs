using AuditIndex.Tests.Support;
using Postgres;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPostgres))]

return args is [Children.Name, ..] ? await Children.Run(args[1..]) : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
