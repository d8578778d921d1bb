using Microsoft.Extensions.Configuration;

namespace Tokens.Operations;

/// <summary>How a program begins: which configuration it reads, and how it says that it does not start.</summary>
public static class Startup
{
    /// <summary>Exit code of a start that was refused: the settings, or what they name, must be mended first.</summary>
    public const int Refused = 2;

    /// <summary>The program's own defaults, then one file, then the environment.</summary>
    /// <param name="arguments"><c>--config FILE</c>, or none.</param>
    /// <param name="usual">Name of the file that is read without arguments, where it lies in the current folder.</param>
    /// <exception cref="StartRefused">Other arguments, or a file that is not there or cannot be read.</exception>
    public static IConfiguration Configuration(string[] arguments, string usual)
    {
        var builder = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        switch (arguments)
        {
            case []:
                builder.AddJsonFile(Path.Combine(Environment.CurrentDirectory, usual), optional: true);
                break;
            case ["--config", { Length: > 0 } file]:
                AddFile(builder, Path.GetFullPath(file));
                break;
            default:
                throw new StartRefused([$"the arguments are --config FILE, or none: then {usual} in the current folder is read"]);
        }
        return builder.AddEnvironmentVariables().Build();
    }

    /// <summary>One configuration file, which must be there.</summary>
    /// <exception cref="StartRefused">It is not there, or cannot be read; names it.</exception>
    public static IConfiguration File(string file)
    {
        var builder = new ConfigurationBuilder();
        AddFile(builder, Path.GetFullPath(file));
        return builder.Build();
    }

    /// <summary>Runs a program. What keeps it from starting is said on standard error, one sentence a fault and no stack.</summary>
    /// <param name="program">The program; is given what to call once it has started, and gives its exit code.</param>
    /// <returns>The exit code of the program, or <see cref="Refused"/>.</returns>
    public static async Task<int> GuardAsync(Func<Action, Task<int>> program)
    {
        var hasStarted = false;
        try
        {
            return await program(() => hasStarted = true);
        }
        catch (StartRefused refused)
        {
            foreach (var fault in refused.Faults) await Console.Error.WriteLineAsync(fault);
        }
        catch (Exception fault) when (!hasStarted)
        {
            await Console.Error.WriteLineAsync($"it does not start: {Sentence(fault)}");
        }
        return Refused;
    }

    /// <summary>What an exception and those behind it say, on one line.</summary>
    public static string Sentence(Exception fault)
    {
        var words = new List<string>();
        for (var one = fault; one is not null; one = one.InnerException)
            if (one is not AggregateException) words.Add(one.Message.ReplaceLineEndings(" ").TrimEnd(' ', '.'));
        return string.Join(": ", words.Distinct(StringComparer.Ordinal));
    }

    // Read here: the framework's provider of files leaves out names that begin with a dot.
    private static void AddFile(IConfigurationBuilder builder, string file)
    {
        try
        {
            var content = new MemoryStream(System.IO.File.ReadAllBytes(file));
            builder.AddConfiguration(new ConfigurationBuilder().AddJsonStream(content).Build());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or InvalidDataException)
        {
            var words = fault is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : Sentence(fault);
            throw new StartRefused([$"--config {file}: {words}"]);
        }
    }
}
