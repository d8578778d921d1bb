using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Tokens.Operations;

/// <summary>How a program begins: what it says of itself, which configuration it reads, and how it says that it does not start.</summary>
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
        var builder = new ConfigurationBuilder();
        AddFile(builder, Path.Combine(AppContext.BaseDirectory, "appsettings.json"), "", isOptional: true);
        switch (arguments)
        {
            case []:
                AddFile(builder, Path.Combine(Environment.CurrentDirectory, usual), "", isOptional: true);
                break;
            case ["--config", { Length: > 0 } file]:
                AddFile(builder, Path.GetFullPath(file), "--config ");
                break;
            case ["--config"]:
                throw new StartRefused(["--config takes a file: --config FILE"]);
            default:
                var word = arguments is ["--config", _, var more, ..] ? more : arguments[0];
                throw new StartRefused([
                    $"\"{word}\" is not understood; the arguments are --config FILE, --help, --version, or none: then {usual} in the "
                        + "current folder is read",
                ]);
        }
        return builder.AddEnvironmentVariables().Build();
    }

    /// <summary>One configuration file, which must be there.</summary>
    /// <exception cref="StartRefused">It is not there, or cannot be read; names it.</exception>
    public static IConfiguration File(string file)
    {
        var builder = new ConfigurationBuilder();
        AddFile(builder, Path.GetFullPath(file), "--config ");
        return builder.Build();
    }

    /// <summary>Answers <c>--help</c> and <c>--version</c> on standard output; nothing is read or opened for that.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="program">The program's assembly.</param>
    /// <param name="about">What it is and how it is started; several lines.</param>
    /// <returns>Whether that was all that was asked.</returns>
    public static bool Tells(string[] arguments, Assembly program, string about)
    {
        var isHelp = Array.Exists(arguments, static one => one is "--help" or "-h" or "-?");
        if (!isHelp && arguments is not ["--version"])
            return false;
        var version = program.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? program.GetName().Version?.ToString();
        Console.WriteLine(isHelp ? about.TrimEnd() : $"{program.GetName().Name} {version}");
        return true;
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
            foreach (var fault in refused.Faults)
                await Console.Error.WriteLineAsync(fault);
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync($"{(hasStarted ? "it ended by a fault" : "it does not start")}: {Sentence(fault)}");
        }
        return Refused;
    }

    /// <summary>What an exception and those behind it say, on one line.</summary>
    public static string Sentence(Exception fault)
    {
        var words = new List<string>();
        for (var one = fault; one is not null; one = one.InnerException)
            if (one is not AggregateException)
                words.Add(one.Message.ReplaceLineEndings(" ").TrimEnd(' ', '.'));
        return string.Join(": ", words.Distinct(StringComparer.Ordinal));
    }

    // Read here: the framework's provider of files leaves out names that begin with a dot.
    private static void AddFile(IConfigurationBuilder builder, string file, string option, bool isOptional = false)
    {
        try
        {
            if (isOptional && !System.IO.File.Exists(file))
                return;
            var content = System.IO.File.ReadAllBytes(file);
            using (
                var json = JsonDocument.Parse(
                    content,
                    new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
                )
            )
                if (json.RootElement.ValueKind != JsonValueKind.Object)
                    throw new StartRefused([$"{option}{file}: it is no JSON object"]);
            builder.AddConfiguration(new ConfigurationBuilder().AddJsonStream(new MemoryStream(content)).Build());
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or FormatException or InvalidDataException or JsonException)
        {
            throw new StartRefused([$"{option}{file}: {Words(fault)}"]);
        }
    }

    private static string Words(Exception fault) =>
        fault switch
        {
            FileNotFoundException or DirectoryNotFoundException => "it is not there",
            UnauthorizedAccessException => "it may not be read, or is a folder",
            JsonException json => $"it is no JSON: line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}",
            _ => Sentence(fault),
        };
}
