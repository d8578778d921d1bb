using System.CommandLine;
using System.Security.Cryptography;
using Ledger;

namespace Verifier;

/// <summary>
/// The program <c>verifier</c>: a word for what is checked, its file or folder, and options; <c>verifier --help</c> lists them. It speaks
/// French, or the language of <c>--lang</c>.
/// </summary>
public static class CommandLine
{
    private static readonly Speaking.SpokenCommands Spoken = Commands.Create(Checked);

    /// <summary>Exit code 0 only if everything asked holds; otherwise 1 and one line <c>FAIL: reason</c>.</summary>
    public static int Run(string[] args, TextWriter output)
    {
        var parsed = Spoken.Parse(args);
        return Spoken.Wrong(parsed) is { Count: > 0 } wrong
            ? Say(CheckResult.Fails(string.Join(' ', wrong)), Spoken.LanguageOf(parsed), output)
            : parsed.Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
    }

    private static int Checked(ParseResult parsed, Func<Arguments, CheckResult> check)
    {
        var (output, language) = (parsed.InvocationConfiguration.Output, parsed.GetValue(Commands.Language)!);
        return Say(Try(new Arguments(parsed, new Sentences(language)), check), language, output);
    }

    private static CheckResult Try(Arguments arguments, Func<Arguments, CheckResult> check)
    {
        var say = arguments.Sentences;
        try
        {
            return check(arguments);
        }
        catch (Wrong wrong)
        {
            return CheckResult.Fails(wrong.Say(say));
        }
        catch (LedgerDamaged damage)
        {
            return CheckResult.Fails(say.Say(damage));
        }
        catch (CryptographicException)
        {
            return CheckResult.Fails(say.Say("pem-unusable"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return CheckResult.Fails(say.Say("file-missing", (e as FileNotFoundException)?.FileName ?? arguments.Target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or LedgerUnavailable)
        {
            return CheckResult.Fails(say.Say("failed", e.GetType().Name));
        }
    }

    // In Arabic the word stands in an isolate, so that the line is read from right to left.
    private static int Say(CheckResult result, string language, TextWriter output)
    {
        var word = Wording.Isolation.OfRuns(result.Holds ? "OK" : "FAIL", language);
        output.WriteLine($"{word}: {result.Sentence.ReplaceLineEndings(" ")}");
        return result.Holds ? 0 : 1;
    }
}
