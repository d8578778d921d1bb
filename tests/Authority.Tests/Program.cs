using Authority.Tests;
using Authority.Tests.Support;
using Xunit.Runner.InProc.SystemConsole;

// suite-folder FOLDER PORT writes what an engine needs to be tested over its address (contracts, keys, certificates, configuration), and
// ends checklist prints which tests stand for which line of the checklist anything else the tests
if (args is ["suite-folder", var folder, var port])
{
    SuiteFolder.Write(folder, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["checklist"])
{
    Console.Write(ChecklistTests.Print());
    return 0;
}
return await ConsoleRunner.Run(args);
