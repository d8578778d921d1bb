using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sandbox.Institutions;

namespace Sandbox;

/// <summary>Where the town listens on this machine.</summary>
/// <param name="Issuer">Authority: metadata, keys.</param>
/// <param name="Token">Authority: token endpoint behind mutual TLS.</param>
/// <param name="Gateway">Gateway.</param>
/// <param name="Metrics">Gateway: health and metrics, plain HTTP.</param>
/// <param name="AuthorityOperations">Authority: health and metrics, plain HTTP.</param>
/// <param name="Institutions">Stand-ins by institution id.</param>
/// <param name="GatewayDpop">Gateway: for systems that show no certificate.</param>
/// <param name="Diagnose">Gateway: what is wrong with a certificate.</param>
public sealed record TownPorts(
    int Issuer,
    int Token,
    int Gateway,
    int Metrics,
    int AuthorityOperations,
    ImmutableDictionary<string, int> Institutions,
    int GatewayDpop,
    int Diagnose
)
{
    // Linux gives outgoing connections ports from 32768 on, other systems from 49152 on.
    private const int FirstFree = 15_000,
        EndFree = 32_000,
        Stretch = 500;
    private static readonly Stack<int> Drawn = new();
    private static readonly List<FileStream> Owned = [];

    /// <summary>The ports that the documentation names.</summary>
    public static TownPorts Usual { get; } = new(7443, 7444, 8443, 8080, 8081, Row(9443), 8445, 8446);

    /// <summary>The last port from which <see cref="From"/> has room for all.</summary>
    public static int LastBase => 65_535 - 6 - InstitutionCatalogue.Ids.Length;

    /// <summary>
    /// Consecutive ports: issuer, token, gateway, metrics, authority's operations, then the stand-ins, then the gateway's other two
    /// listeners.
    /// </summary>
    public static TownPorts From(int first) =>
        new(
            first,
            first + 1,
            first + 2,
            first + 3,
            first + 4,
            Row(first + 5),
            first + 5 + InstitutionCatalogue.Ids.Length,
            first + 6 + InstitutionCatalogue.Ids.Length
        );

    /// <summary>
    /// Free ports, for tests. They must be known before anything listens, because addresses stand in contracts and tokens. They lie below
    /// the range from which the system gives ports to outgoing connections, in stretches that this process keeps for itself by a locked
    /// file, and no two towns get the same. So between this look and the listening only a program that is no town could take one; then the
    /// start fails and says so.
    /// </summary>
    public static TownPorts Free() =>
        new(
            Next(),
            Next(),
            Next(),
            Next(),
            Next(),
            InstitutionCatalogue.Ids.ToImmutableDictionary(id => id, _ => Next(), StringComparer.Ordinal),
            Next(),
            Next()
        );

    private static int Next()
    {
        lock (Drawn)
        {
            while (true)
            {
                while (Drawn.TryPop(out var port))
                    if (IsFree(port))
                        return port;
                Own();
            }
        }
    }

    // The lock ends with the process, however that ends.
    private static void Own()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"town-ports-{Environment.UserName}")).FullName;
        int[] stretches = [.. Enumerable.Range(0, (EndFree - FirstFree) / Stretch)];
        RandomNumberGenerator.Shuffle<int>(stretches);
        foreach (var stretch in stretches)
        {
            var first = FirstFree + stretch * Stretch;
            try
            {
                var file = Path.Combine(folder, first.ToString(CultureInfo.InvariantCulture));
                Owned.Add(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                continue; // another process's, or this one's already
            }

            int[] ports = [.. Enumerable.Range(first, Stretch)];
            RandomNumberGenerator.Shuffle<int>(ports);
            foreach (var port in ports)
                Drawn.Push(port);
            return;
        }

        throw new IOException($"no free port between {FirstFree} and {EndFree}");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static ImmutableDictionary<string, int> Row(int first) =>
        InstitutionCatalogue.Ids.Select((id, i) => (id, first + i)).ToImmutableDictionary(p => p.id, p => p.Item2, StringComparer.Ordinal);
}
