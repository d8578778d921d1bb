using System.Collections.Immutable;
using Agreements.Loading;
using Wording;

namespace Agreements;

/// <summary>A file beside the contracts that cannot be used: operators, the book of the law. The message is English, for logs.</summary>
public static class RefusedFile
{
    private const string Said = "said";

    /// <summary>What is wrong, in a language; of any other fault, its message.</summary>
    public static string Say(Exception fault, string language) =>
        fault.Data[Said] is Func<string, string> say ? say(language) : fault.Message;

    internal static InvalidDataException Of(string code, Exception? inner, params ImmutableArray<Blank> blanks)
    {
        var fault = new InvalidDataException(FindingWords.What(code, Languages.English, blanks), inner);
        fault.Data[Said] = (Func<string, string>)(language => FindingWords.What(code, language, blanks));
        return fault;
    }
}
