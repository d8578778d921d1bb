using System.Globalization;
using Ledger;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>Signing keys of the town's logs: one pair for each year, made once.</summary>
public static class LogKeys
{
    /// <summary>PEM file of the year's Ed25519 key; the P-256 key lies beside it.</summary>
    public static string Path(StateFolder state, int year)
    {
        var path = System.IO.Path.Combine(state.Folder("keys"), string.Create(CultureInfo.InvariantCulture, $"log-{year}.key"));
        if (File.Exists(path))
            return path;
        using var made = LogKey.Create();
        made.Save(path);
        return path;
    }

    /// <summary>Origin of the year's log.</summary>
    public static string Origin(int year) => string.Create(CultureInfo.InvariantCulture, $"sandbox.example/audit/{year}/n1");
}
