using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledger.Journal;
using Ledger.Notes;
using Ledger.Subjects;
using Ledger.Tiles;

namespace Ledger.Tests.Support;

/// <summary>
/// Makes the files of <c>contracts/ledger/vectors</c>. With LEDGER_WRITE_VECTORS=1 the test writes them; otherwise it compares. The values
/// that matter are asserted as literals elsewhere, so a wrong implementation cannot bless its own vectors.
/// </summary>
internal static class VectorFiles
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly int[] Sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, 1000];
    private static readonly string[] Broken = ["one bit of the first hash flipped", "last hash left out", "a hash too many"];

    /// <summary>Relative path and bytes of every file.</summary>
    public static SortedDictionary<string, byte[]> All()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var records = The.Sealed();
        for (var i = 0; i < 3; i++)
        {
            files[$"records/{i}.json"] = records[i].Text.ToArray();
        }

        BundleOf(files, records);
        files["records/leaves.json"] = Json(The.Leaves);
        files["keys.json"] = Json(
            new
            {
                log = The.Vkey,
                logP256 = The.P256Vkey,
                witness = The.WitnessVkey,
                note = "RFC 8032 tests 1 and 2, RFC 6979 A.2.5: public test keys, never for a real log",
            }
        );
        files["trees.json"] = Json(Trees());
        files["proofs/inclusion.json"] = Json(Inclusion());
        files["proofs/consistency.json"] = Json(Consistency());
        _ = TlogProof.TryParse(The.Proof, out var proof);
        files["tlog-proof/record-1.tlog-proof"] = Encoding.UTF8.GetBytes(The.Proof);
        files["notes/checkpoint-3"] = Encoding.UTF8.GetBytes(proof!.Note);
        files["notes/cases.json"] = Json(Notes(proof.Note));
        files["cosignatures/cases.json"] = Json(
            new
            {
                vkey = The.WitnessVkey,
                note = proof.Note,
                signedMessage = CosignedMessage(proof.Note),
            }
        );
        files["receipts.json"] = Json(Receipts());
        files["pseudonyms.json"] = Json(Pseudonyms());
        files["digests.json"] = Json(Digests());
        files["policy/quorum.policy"] = Encoding.UTF8.GetBytes(
            $"log {The.Vkey} https://gateway.anss.example/audit/2026/n1/\nwitness w1 {The.WitnessVkey}\ngroup outside 1 w1\nquorum outside\n"
        );
        Journals(files);
        return files;

        static void BundleOf(SortedDictionary<string, byte[]> files, SealedRecord[] records)
        {
            var bundle = new EntryBundle(0);
            foreach (var record in records)
            {
                bundle.Add(record.Text.Span, record.Leaf);
            }

            files["records/bundle-000.p-3"] = bundle.Bytes.ToArray();
        }
    }

    private static byte[] Json(object value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, Layout), (byte)'\n'];

    private static List<TreeHash> Leaves(int count) => [.. Enumerable.Range(0, count).Select(static i => Some.Record(i).Leaf)];

    private static object Trees() =>
        new
        {
            entries = """{"v":1,"i":<n>}, n from 0""",
            roots = Sizes.ToDictionary(static size => size, static size => MerkleTree.Root([.. Leaves(size)]).ToString()),
        };

    private static object Inclusion()
    {
        var nodes = MerkleTree.Over(Leaves(1000));
        return (
            from place in new[]
            {
                (0, 1),
                (0, 2),
                (1, 2),
                (2, 3),
                (6, 7),
                (3, 8),
                (254, 255),
                (255, 256),
                (256, 257),
                (0, 1000),
                (511, 1000),
                (999, 1000),
            }
            let path = InclusionProof.Build(place.Item1, place.Item2, nodes)
            let root = MerkleTree.Root(place.Item2, nodes)
            from path2 in Variants(path)
            select new
            {
                index = place.Item1,
                size = place.Item2,
                root = root.ToBase64(),
                leaf = Some.Record(place.Item1).Leaf.ToBase64(),
                path = path2.Path,
                valid = path2.What is null,
                what = path2.What ?? "",
            }
        ).ToArray();
    }

    private static object Consistency()
    {
        var nodes = MerkleTree.Over(Leaves(1000));
        return (
            from place in new[]
            {
                (1, 2),
                (2, 3),
                (3, 7),
                (4, 8),
                (6, 8),
                (7, 8),
                (255, 256),
                (256, 257),
                (1, 1000),
                (512, 1000),
                (999, 1000),
                (8, 8),
            }
            let path = ConsistencyProof.Build(place.Item1, place.Item2, nodes)
            from path2 in Variants(path)
            select new
            {
                old = place.Item1,
                size = place.Item2,
                oldRoot = MerkleTree.Root(place.Item1, nodes).ToBase64(),
                root = MerkleTree.Root(place.Item2, nodes).ToBase64(),
                path = path2.Path,
                valid = path2.What is null,
                what = path2.What ?? "",
            }
        ).ToArray();
    }

    private static IEnumerable<(string[] Path, string? What)> Variants(IReadOnlyList<TreeHash> path)
    {
        var texts = path.Select(static hash => hash.ToBase64()).ToArray();
        yield return (texts, null);
        if (path.Count > 0)
        {
            var flipped = path[0].ToArray();
            flipped[31] ^= 1;
            yield return ([Convert.ToBase64String(flipped), .. texts[1..]], Broken[0]);
            yield return (texts[..^1], Broken[1]);
        }

        yield return ([.. texts, LeafHash.EmptyRoot.ToBase64()], Broken[2]);
    }

    private static object Notes(string note) =>
        new[]
        {
            new
            {
                what = "as published",
                note,
                valid = true,
            },
            new
            {
                what = "another size",
                note = note.Replace("\n3\n", "\n4\n", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "a signature that is not the key's",
                note = note.Replace("PMb4zbFi", "PMb4zbFj", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "no empty line",
                note = note.Replace("\n\n", "\n", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "no newline at the end",
                note = note[..^1],
                valid = false,
            },
            new
            {
                what = "a hyphen for the dash",
                note = note.Replace('—', '-'),
                valid = false,
            },
            new
            {
                what = "another origin",
                note = note.Replace("n1\n3", "n2\n3", StringComparison.Ordinal),
                valid = false,
            },
        };

    private static string CosignedMessage(string note)
    {
        _ = SignedNote.TryParse(note, out var parsed);
        return Encoding.UTF8.GetString(
            Cosignature.Message(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(parsed!.Signatures[2].Bytes.Span[4..]),
                Encoding.UTF8.GetBytes(parsed.Text)
            )
        );
    }

    private static object Receipts() =>
        new[]
        {
            new
            {
                what = "as published",
                header = The.Header,
                valid = true,
            },
            new
            {
                what = "members in another order, an unknown one among them",
                header = string.Join(", ", The.Header.Split(", ").Reverse().Append("later=?1")),
                valid = true,
            },
            new
            {
                what = "another size",
                header = The.Header.Replace("size=3", "size=4", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "index outside the tree",
                header = The.Header.Replace("index=1", "index=3", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "no salt",
                header = The.Header[..The.Header.IndexOf(", salt", StringComparison.Ordinal)],
                valid = false,
            },
            new
            {
                what = "a signature that is not the key's",
                header = The.Header.Replace("PMb4zbFi", "PMb4zbFj", StringComparison.Ordinal),
                valid = false,
            },
            new
            {
                what = "a root of 31 bytes",
                header = The.Header.Replace(
                    "1LHtAGxy3uhQayjw6T8vz82L9QuFvOIHRmpZPVOW4Ow=",
                    "1LHtAGxy3uhQayjw6T8vz82L9QuFvOIHRmpZPVOW4A==",
                    StringComparison.Ordinal
                ),
                valid = false,
            },
        };

    private static object Pseudonyms() =>
        new
        {
            key = Convert.ToHexStringLower(The.SubjectKey),
            cases = new[] { ("edu", "0EHG7CY33N48KJNS6574C03H7S"), ("cref", "ma.anss:ELJ-2026-00417") }.Select(static c => new
            {
                type = c.Item1,
                value = c.Item2,
                pseudonym = Pseudonym.Compute(The.SubjectKey, c.Item1, c.Item2),
            }),
        };

    private static object Digests() =>
        new
        {
            salt = Convert.ToHexStringLower(The.Salt),
            cases = new[] { The.Request, The.Answer }.Select(static body => new
            {
                body,
                digest = SaltedDigest.Compute(The.Salt, Encoding.UTF8.GetBytes(body)),
            }),
        };

    /// <summary>
    /// Segments up to the end of their data (zeros follow), and what recovery must say: a size, or that start is refused.
    /// </summary>
    private static void Journals(SortedDictionary<string, byte[]> files)
    {
        var good = The.Journal();
        var expected = new SortedDictionary<string, object>(StringComparer.Ordinal);
        Add("good", good, 3, "one group of three records");
        for (var sector = 0; sector * 512 < good.Length; sector++)
        {
            var torn = good.ToArray();
            torn.AsSpan(sector * 512, Math.Min(512, good.Length - sector * 512)).Clear();
            Add($"torn-{sector}", torn, 0, $"sector {sector} never arrived: the group is cut");
        }

        var flipped = good.ToArray();
        flipped[700] ^= 1;
        Add("flipped", flipped, null, "one bit of record 1: refused");
        var foreign = good.ToArray();
        SegmentHeader.Write(foreign, 0, 0, "other.example/audit/2026/n1");
        Add("foreign", foreign, null, "another log's segment: refused");
        using var journal = new SomeJournal();
        journal.Add(2, 60);
        journal.Add(1);
        journal.Add(1);
        var heads = journal.Data[0][..journal.Groups[2].End];
        heads.AsSpan(256, 64).Clear();
        Add("two-heads", heads, null, "two whole groups beyond the damage: acknowledged, so refused");
        files["journal/expected.json"] = Json(expected);

        void Add(string name, byte[] bytes, int? size, string what)
        {
            files[$"journal/{name}"] = bytes;
            expected[name] = new
            {
                recovered = size,
                refused = size is null,
                what,
                sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            };
        }
    }
}
