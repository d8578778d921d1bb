using System.CommandLine;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Operators;
using AuditIndex.Watched;
using Ledger.Subjects;

namespace Admin.LedgerTasks;

/// <summary>
/// Who reads the access log, and why. Nobody reads under another's id: the private key at hand must be the one that stands beside the id
/// in the
/// operators file. The officers' own file comes with the console.
/// </summary>
internal sealed class OfficerOptions
{
    /// <param name="isAlways">The command reads the log always, not only with one of its options.</param>
    internal OfficerOptions(bool isAlways)
    {
        Officer = new("--officer") { Required = isAlways };
        Key = new("--officer-key") { Required = isAlways };
        Reason = new("--reason") { Required = isAlways };
        TextsFolder = new("--texts") { Required = isAlways };
    }

    /// <summary>Officer id.</summary>
    internal Option<string?> Officer { get; }

    private Option<string?> Key { get; }
    private Option<string?> Reason { get; }
    private Option<string?> TextsFolder { get; }

    /// <summary>All of them.</summary>
    internal Symbol[] All => [Officer, Key, Reason, TextsFolder, OperatorCommands.Operators, LogOptions.SocketFile];

    /// <summary>The reader that the command line names.</summary>
    /// <exception cref="Declined">The key is not that of the officer.</exception>
    internal Reader Read(ParseResult parsed)
    {
        var officer = PartnerOptions.Required(parsed, Officer);
        var file = PartnerOptions.Required(parsed, OperatorCommands.Operators);
        using var key = PartnerKey.Load(PartnerOptions.Required(parsed, Key));
        var operators = OperatorKeys.Read(File.ReadAllText(file));
        if (!operators.TryGetValue(officer, out var keys))
            throw new Declined("officer-unknown", officer, file);
        if (!keys.Has(key.Public.KeyId))
            throw new Declined("officer-other-key", officer, file);
        return new Reader(officer, PartnerOptions.Required(parsed, Reason));
    }

    /// <summary>Where the reason is kept.</summary>
    internal DetachedTexts Texts(ParseResult parsed) => new(PartnerOptions.Required(parsed, TextsFolder));
}
