using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Agreements.Signatures;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// What the sandbox itself wrote into the contracts folder (file <c>.deployed</c>): by it the next start tells its own files, which it
/// may replace, from
/// those that somebody changed or added, which it never does.
/// </summary>
internal sealed class DeploymentMark
{
    private const string Name = ".deployed";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Digest of the plan that the copy was made by; empty before the first.</summary>
    public string Plan { get; set; } = "";

    /// <summary>Where the stand-ins were.</summary>
    public ImmutableDictionary<string, string> Providers { get; set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Copied files with their digests, by path in the folder.</summary>
    public Dictionary<string, string> Files { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Public keys of the town that were written, with their digests.</summary>
    public Dictionary<string, string> Keys { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The mark of a folder; an empty one where there is none, or none that can be read.</summary>
    public static DeploymentMark Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<DeploymentMark>(File.ReadAllBytes(path), Json) ?? new() : new();
        }
        catch (JsonException)
        {
            return new(); // of an earlier sandbox: what lies there may be anybody's, and stays
        }
    }

    /// <summary>Writes it whole.</summary>
    public void Write(string folder) => StateFolder.WritePublic(Path.Combine(folder, Name), JsonSerializer.Serialize(this, Json));

    /// <summary>Is this file there, and not as it was copied?</summary>
    public bool IsByHand(string folder, string relative) =>
        File.Exists(Path.Combine(folder, relative)) && Files.GetValueOrDefault(relative) != DigestOf(Path.Combine(folder, relative));

    /// <summary>Does the file hold a key that the town wrote there?</summary>
    public bool IsOurKey(string folder, string relative) => Keys.GetValueOrDefault(relative) == DigestOf(Path.Combine(folder, relative));

    /// <summary>Digest of a file. Of an agreement the signed part: its signatures come and go without anybody's edit.</summary>
    public static string DigestOf(string path) => DigestOf(File.ReadAllBytes(path));

    /// <summary>The same of a file's content.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(SHA256.HashData(AgreementSignature.SignedBytes(content)));
}
