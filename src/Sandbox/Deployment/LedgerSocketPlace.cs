using System.Text;
using Sandbox.Pki;
using Tokens.Operations;

namespace Sandbox.Deployment;

/// <summary>Where a town's ledger listens for the other programs of the machine.</summary>
internal static class LedgerSocketPlace
{
    /// <summary>The socket's file; null when its path is longer than a socket may have.</summary>
    public static string? Of(StateFolder state)
    {
        var path = Path.Combine(state.Folder("run"), "ledger.sock");
        return Encoding.UTF8.GetByteCount(path) <= SettingsCheck.LongestSocket ? path : null;
    }

    /// <summary>The same, for a folder that programs run apart on: they cannot do without it.</summary>
    /// <exception cref="InvalidDataException">The path is too long.</exception>
    public static string Must(StateFolder state) =>
        Of(state)
        ?? throw new InvalidDataException(
            $"{state.Root} is too long a path for the ledger's socket in it, which may have {SettingsCheck.LongestSocket} bytes: "
                + "name another folder with --state"
        );
}
