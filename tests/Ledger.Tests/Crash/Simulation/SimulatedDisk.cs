namespace Ledger.Tests.Crash.Simulation;

/// <summary>
/// A volume as the system calls left it, of which a power loss keeps what was synced and, of the rest, any part: sectors of 512 bytes
/// arrive or not, in any order, the last one perhaps torn. Names are journalled: created, renamed and removed in order, up to some point
/// after the last sync of a directory. The data of a renamed file need not be there. More forgetful than ext4 and xfs are.
/// </summary>
internal sealed class SimulatedDisk(string root)
{
    private const int Sector = 512;
    private readonly List<(string Kind, string Path, string Target, Inode? File)> _names = [];
    private readonly Dictionary<string, Inode> _live = new(StringComparer.Ordinal);
    private int _durableNames;

    public void Apply(SystemCall call)
    {
        _live.TryGetValue(call.Path, out var file);
        switch (call.Name)
        {
            case "openat" when call.Creates && file is null:
                _names.Add(("create", call.Path, "", _live[call.Path] = new Inode()));
                break;
            case "openat" when call.Truncates && file is not null:
                file.Changes.Add((0, null));
                break;
            case "ftruncate" when file is not null:
                file.Changes.Add((call.Number, null));
                break;
            case "pwrite64" when file is not null:
                file.Changes.Add((call.Number, call.Data));
                break;
            case "fdatasync" when file is not null:
                file.Durable = file.Changes.Count;
                break;
            case "rename" when file is not null:
                _live.Remove(call.Path);
                _live[call.Target] = file;
                _names.Add(("rename", call.Path, call.Target, null));
                break;
            case "unlink" when file is not null:
                _live.Remove(call.Path);
                _names.Add(("remove", call.Path, "", null));
                break;
            case "mkdir" or "rmdir":
                _names.Add((call.Name, call.Path, "", null));
                break;
            case "fsync":
                _durableNames = _names.Count;
                break;
            case "syncfs":
                _durableNames = _names.Count;
                foreach (var each in _live.Values)
                {
                    each.Durable = each.Changes.Count;
                }

                break;
        }
    }

    /// <summary>The power fails; what the next start finds is written into a folder.</summary>
    public void PowerLoss(Random random, string into)
    {
        var (files, folders) = (new Dictionary<string, Inode>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (kind, path, target, file) in _names.Take(random.Next(_durableNames, _names.Count + 1)))
        {
            switch (kind)
            {
                case "create":
                    files[path] = file!;
                    break;
                case "rename" when files.Remove(path, out var moved):
                    files[target] = moved;
                    break;
                case "remove":
                    files.Remove(path);
                    break;
                case "mkdir":
                    folders.Add(path);
                    break;
                case "rmdir":
                    folders.Remove(path);
                    break;
            }
        }

        foreach (var folder in folders)
        {
            Directory.CreateDirectory(into + folder[root.Length..]);
        }

        var arrival = random.Next(5);
        foreach (var (path, file) in files)
        {
            var target = into + path[root.Length..];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, file.After(random, arrival));
        }
    }

    private sealed class Inode
    {
        /// <summary>Writes (offset, bytes) and truncations (length, null), in order.</summary>
        public List<(long Number, byte[]? Data)> Changes { get; } = [];

        /// <summary>How many of them are durable.</summary>
        public int Durable { get; set; }

        public byte[] After(Random random, int arrival)
        {
            var content = new MemoryStream();
            for (var i = 0; i < Changes.Count; i++)
            {
                var (number, data) = Changes[i];
                if (data is null)
                {
                    content.SetLength(Math.Min(content.Length, number));
                }
                else if (i < Durable)
                {
                    Put(content, number, data);
                }
                else if (Arrive(content, number, data, random, arrival))
                {
                    break;
                }
            }

            return content.ToArray();
        }

        /// <summary>True when nothing behind this write arrived.</summary>
        private static bool Arrive(MemoryStream content, long offset, byte[] data, Random random, int arrival)
        {
            if (arrival == 4)
            {
                // In order, up to some byte.
                var kept = random.Next(data.Length + data.Length / 2 + 1);
                Put(content, offset, data.AsSpan(0, Math.Min(kept, data.Length)));
                return kept < data.Length;
            }

            for (var at = 0; at < data.Length;)
            {
                var length = (int)Math.Min(data.Length - at, Sector - (offset + at) % Sector);
                if (
                    arrival switch
                    {
                        0 => false,
                        1 => true,
                        2 => random.Next(2) == 0,
                        _ => random.Next(10) > 0,
                    }
                )
                {
                    Put(content, offset + at, data.AsSpan(at, length));
                }

                at += length;
            }

            return false;
        }

        private static void Put(MemoryStream content, long offset, ReadOnlySpan<byte> data)
        {
            content.Position = offset;
            content.Write(data);
        }
    }
}
