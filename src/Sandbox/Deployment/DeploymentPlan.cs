using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sandbox.Persons;

namespace Sandbox.Deployment;

/// <summary>What to deploy where.</summary>
public sealed record DeploymentPlan
{
    /// <summary>Folder of the contracts to copy.</summary>
    public required string Source { get; init; }

    /// <summary>Institution → scheme, host and port of its stand-in.</summary>
    public required ImmutableDictionary<string, string> Providers { get; init; }

    /// <summary>Leave quotas, paces and limits as the contracts state them.</summary>
    public bool KeepsQuotas { get; init; }

    /// <summary>Changes with anything that changes the copy.</summary>
    internal string Digest(SchoolCalendar calendar)
    {
        var text = new StringBuilder().Append(calendar.Name).Append(KeepsQuotas);
        foreach (var (institution, address) in Providers.OrderBy(p => p.Key, StringComparer.Ordinal))
            text.Append(institution).Append('=').Append(address).Append('\n');
        foreach (var path in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            text.Append(Path.GetRelativePath(Source, path)).Append(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
