using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agreements.Loading.Conventions;

namespace Agreements.Loading;

/// <summary>
/// What <c>suspensions.yaml</c> adds to a law whose files cannot be loaded now. Stopping more is always safe, so it waits for no other
/// file. Letting go on waits for a whole set: what was stopped stays so, whatever this file has lost.
/// </summary>
internal static class AddedStops
{
    /// <summary>The law with what the file stops beside it; the same object when it adds nothing.</summary>
    /// <param name="law">In force.</param>
    /// <param name="whole">The set that was loaded last; the law is that set and what was stopped since.</param>
    /// <param name="file">Bytes of the file, broken or not; null when there is none.</param>
    /// <param name="today">Civil day: from then on an entry stops that names what it stops and no day that can be read.</param>
    public static Registry To(Registry law, Registry whole, byte[]? file, DateOnly today)
    {
        if (file is null)
            return law;
        var (suspensions, endings) = new SuspensionReader(new StopTargets.OfLaw(law)).ReadWhatCanBe(file, today);
        var (stopped, ended) = (law.Suspensions, law.Endings);
        foreach (var one in suspensions)
            if (!stopped.Any(other => other.Kind == one.Kind && other.Id == one.Id && other.Since <= one.Since))
                stopped = [.. stopped.Where(other => other.Kind != one.Kind || other.Id != one.Id), one];
        foreach (var one in endings)
            if (!ended.Any(other => other.Agreement == one.Agreement && other.On <= one.On))
                ended = [.. ended.Where(other => other.Agreement != one.Agreement), one];
        return stopped == law.Suspensions && ended == law.Endings ? law : law.Stopping(stopped, ended, Digest(whole, stopped, ended));
    }

    // Another law has another digest, the same on every node: over the digest of the set, and a line for each stop that came since.
    private static string Digest(Registry whole, ImmutableArray<Suspension> stopped, ImmutableArray<Ending> ended)
    {
        var added = stopped
            .Except(whole.Suspensions)
            .Select(static one => Line($"{one.Kind} {one.Id} {one.By} {one.Since:yyyy-MM-dd}"))
            .Concat(ended.Except(whole.Endings).Select(static one => Line($"Ended {one.Agreement} {one.By} {one.On:yyyy-MM-dd}")))
            .Order(StringComparer.Ordinal);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(whole.Digest + "\n" + string.Concat(added))).AsSpan(0, 16));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture) + "\n";
}
