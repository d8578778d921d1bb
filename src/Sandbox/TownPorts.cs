using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
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
    int Issuer, int Token, int Gateway, int Metrics, int AuthorityOperations, ImmutableDictionary<string, int> Institutions, int GatewayDpop, int Diagnose)
{
    /// <summary>The ports that the documentation names.</summary>
    public static TownPorts Usual { get; } = new(7443, 7444, 8443, 8080, 8081, Row(9443), 8445, 8446);

    /// <summary>Consecutive ports: issuer, token, gateway, metrics, authority's operations, then the stand-ins, then the gateway's other two listeners.</summary>
    public static TownPorts From(int first) => new(first, first + 1, first + 2, first + 3, first + 4, Row(first + 5), first + 5 + InstitutionCatalogue.Ids.Length, first + 6 + InstitutionCatalogue.Ids.Length);

    /// <summary>
    /// Free ports, for tests. They must be known before anything listens, because addresses stand in contracts and tokens;
    /// between this look and the listening another program could take one, and then the start fails and says so.
    /// </summary>
    public static TownPorts Free()
    {
        var sockets = new List<Socket>();
        try
        {
            int Next()
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                return ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            return new TownPorts(Next(), Next(), Next(), Next(), Next(), InstitutionCatalogue.Ids.ToImmutableDictionary(id => id, _ => Next(), StringComparer.Ordinal), Next(), Next());
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private static ImmutableDictionary<string, int> Row(int first) =>
        InstitutionCatalogue.Ids.Select((id, i) => (id, first + i)).ToImmutableDictionary(p => p.id, p => p.Item2, StringComparer.Ordinal);
}
