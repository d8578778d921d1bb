using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Ledger.Interop.Tests.Logs;

/// <summary>One change to a published log that every verifier must notice.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Apply">Does it to a copy of the log.</param>
internal sealed record Tampering(string Name, Action<string> Apply)
{
    private const int TileWidth = 256;

    /// <summary>A change of every kind to every kind of file.</summary>
    public static IEnumerable<Tampering> All(PublishedLog log)
    {
        foreach (var file in log.Files())
        {
            foreach (var tampering in OfFile(file))
            {
                yield return tampering;
            }
        }

        string[] bundles = [.. log.Files().Where(static file => file.Contains("entries", StringComparison.Ordinal))];
        foreach (var tampering in OfEntries(bundles[0]).Concat(OfEntries(bundles[^1])).Concat(OfCheckpoint()))
        {
            yield return tampering;
        }
    }

    private static IEnumerable<Tampering> OfFile(string file)
    {
        foreach (var share in new[] { 0.0, 0.3, 0.999 })
        {
            yield return new Tampering(string.Create(CultureInfo.InvariantCulture, $"a bit of {file} at {share:P1}"), Bytes(file, bytes =>
                {
                    bytes[(int)(share * bytes.Length)] ^= 0x10;
                    return bytes;
                }));
        }

        yield return new Tampering(file + " is gone", folder => File.Delete(Path.Combine(folder, file)));
        yield return new Tampering(file + " is cut short", Bytes(file, static bytes => bytes[..^1]));
        yield return new Tampering(file + " is empty", Bytes(file, static _ => []));
        if (!file.Contains("entries", StringComparison.Ordinal))
        {
            yield return new Tampering(file + " with another hash", Bytes(file, static bytes => [.. bytes[..^32], .. new byte[32]]));
        }
    }

    private static IEnumerable<Tampering> OfEntries(string bundle)
    {
        yield return new Tampering(
            $"an entry of {bundle} is dropped",
            Entries(bundle, static entries => entries.RemoveAt(entries.Count / 2))
        );
        yield return new Tampering("the last entry is dropped", Entries(bundle, static entries => entries.RemoveAt(entries.Count - 1)));
        yield return new Tampering(
            "an entry is inserted",
            Entries(bundle, static entries => entries.Insert(1, Encoding.ASCII.GetBytes("""{"v":1,"ev":"access"}""")))
        );
        yield return new Tampering("an entry is sealed twice", Entries(bundle, static entries => entries.Add(entries[^1])));
        yield return new Tampering(
            "two entries are swapped",
            Entries(bundle, static entries => (entries[0], entries[^1]) = (entries[^1], entries[0]))
        );
        yield return new Tampering("an entry is rewritten, with its leaf in the tile", folder =>
        {
            var tile = Path.Combine(folder, bundle.Replace("entries", "0", StringComparison.Ordinal));
            Entries(bundle, static entries => entries[1] = Encoding.ASCII.GetBytes("""{"v":1,"ev":"deny","i":7}"""))(folder);
            var hashes = File.ReadAllBytes(tile);
            LeafHash.Of("""{"v":1,"ev":"deny","i":7}"""u8).CopyTo(hashes.AsSpan(TreeHash.Length));
            File.WriteAllBytes(tile, hashes);
        });
    }

    private static IEnumerable<Tampering> OfCheckpoint()
    {
        yield return new Tampering("the checkpoint states one record less", Lines(static lines => lines[1] = Number(lines[1], -1)));
        yield return new Tampering("the checkpoint states one record more", Lines(static lines => lines[1] = Number(lines[1], 1)));
        yield return new Tampering(
            "the checkpoint has another root",
            Lines(static lines => lines[2] = Convert.ToBase64String(new byte[32]))
        );
        yield return new Tampering(
            "the checkpoint has another origin",
            Lines(static lines => lines[0] = lines[0].Replace("n1", "n2", StringComparison.Ordinal))
        );
        yield return new Tampering("the checkpoint has a line more", Lines(static lines => lines.Insert(3, "extension")));
        yield return new Tampering("a bit of the Ed25519 signature", Lines(static lines => lines[4] = FlipSignature(lines[4])));
        yield return new Tampering("the Ed25519 signature is gone", Lines(static lines => lines.RemoveAt(4)));
        yield return new Tampering("the checkpoint is gone", static folder => File.Delete(Path.Combine(folder, "checkpoint")));
    }

    private static string Number(string line, int by) =>
        (long.Parse(line, CultureInfo.InvariantCulture) + by).ToString(CultureInfo.InvariantCulture);

    private static string FlipSignature(string line)
    {
        var words = line.Split(' ');
        var bytes = Convert.FromBase64String(words[2]);
        bytes[20] ^= 1;
        return $"{words[0]} {words[1]} {Convert.ToBase64String(bytes)}";
    }

    private static Action<string> Bytes(string file, Func<byte[], byte[]> change) =>
        folder =>
        {
            var path = Path.Combine(folder, file);
            File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
        };

    private static Action<string> Lines(Action<List<string>> change) =>
        folder =>
        {
            var path = Path.Combine(folder, "checkpoint");
            var lines = File.ReadAllText(path).Split('\n').ToList();
            change(lines);
            File.WriteAllText(path, string.Join('\n', lines));
        };

    private static Action<string> Entries(string bundle, Action<List<byte[]>> change) => Bytes(bundle, bytes =>
        {
            var entries = new List<byte[]>(TileWidth);
            for (var at = 0; at < bytes.Length;)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
                entries.Add(bytes[(at + 2)..(at + 2 + length)]);
                at += 2 + length;
            }

            change(entries);
            return [.. entries.SelectMany(static entry => (byte[])[(byte)(entry.Length >> 8), (byte)entry.Length, .. entry])];
        });
}
