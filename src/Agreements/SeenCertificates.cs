using System.Collections.Immutable;
using System.Text.Json;

namespace Agreements;

/// <summary>
/// A certificate that a system has shown. Registrations name fingerprints and names, never dates: only the handshake tells when it ends.
/// </summary>
/// <param name="Client">Client that it belongs to.</param>
/// <param name="X5tS256">base64url SHA-256 of the certificate.</param>
/// <param name="Until">Its end.</param>
/// <param name="Seen">Last civil day on which it was shown.</param>
public sealed record SeenCertificate(string Client, string X5tS256, DateTimeOffset Until, DateOnly Seen);

/// <summary>Which certificates of partners end soon, as far as they have been shown.</summary>
public static class SeenCertificates
{
    /// <summary>Certificates of one client that are kept: those shown last, of these the ones that end first.</summary>
    public const int MostOfClient = 8;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>
    /// What ends; a certificate that was replaced is not warned about: another of the same client lasts longer and was shown on a later
    /// day.
    /// </summary>
    public static IEnumerable<Expiry> Expiring(IReadOnlyCollection<SeenCertificate> seen, DateOnly today)
    {
        foreach (var one in seen)
        {
            if (seen.Any(other => other.Client == one.Client && other.Until > one.Until && other.Seen > one.Seen))
                continue;
            // What ended long ago was given up, not forgotten: listed for a line's length, as everything else.
            if (Expiry.OfCertificate($"{one.Client} {one.X5tS256}", one.Until, today) is { } expiry && expiry.Days >= -Expiry.Lines[0])
                yield return expiry;
        }
    }

    /// <summary>The text of the file that keeps them.</summary>
    public static string Write(IEnumerable<SeenCertificate> seen) =>
        JsonSerializer.Serialize(
            seen.OrderBy(static one => one.Client, StringComparer.Ordinal).ThenBy(static one => one.X5tS256, StringComparer.Ordinal),
            Form
        ) + "\n";

    /// <summary>Reads that file.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static ImmutableArray<SeenCertificate> Read(string text)
    {
        try
        {
            var seen = JsonSerializer.Deserialize<List<SeenCertificate?>>(text, Form) ?? [];
            return
            [
                .. seen.Select(static one =>
                    one is { Client: not null, X5tS256: not null } ? one : throw new JsonException("an entry without client or certificate")
                ),
            ];
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException("not a list of certificates that were seen", fault);
        }
    }
}
