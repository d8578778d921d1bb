using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox;
using Sandbox.Deployment;
using Sandbox.Pki;

namespace Benchmarks.Issuing;

/// <summary>
/// Contracts, keys and certificates of the measured clients: sixteen systems of one institution, each with its key, its certificate and
/// its right. One system alone would meet its own limit of tokens a minute, which the contracts cap at 100,000.
/// </summary>
public static class TokenTown
{
    public const int Clients = 16;
    public const string Scope = "education.school-enrolment.read";
    private const string Agreement = "ANSS-MENPS-2026-01";

    /// <summary>RFC 9396 details that every request sends.</summary>
    public const string Details = $$"""[{"type":"data_exchange","agreement":"{{Agreement}}","purpose":"ASD_SCHOOLING"}]""";

    public static string Name(int lane) => string.Create(CultureInfo.InvariantCulture, $"anss-bench-{lane:D2}");

    public static Task<Town> StartAsync() => Town.StartAsync(new TownOptions { Pupils = 1000, EditContracts = Register });

    /// <summary>The certificate of a lane's client.</summary>
    public static X509Certificate2 Certificate(Town town, int lane) => town.Pki.Client(Name(lane)).Load();

    /// <summary>
    /// Writes the configuration of the authority's program as it is shipped; only the limits of one address are raised, for all partners
    /// share it here.
    /// </summary>
    public static (string File, Uri Token, string Issuer) Authority(Town town, string folder)
    {
        var (open, mutual) = (FreePort(), FreePort());
        var issuer = $"https://localhost:{open}";
        var server = town.Pki.Server("authority");
        var settings = new
        {
            Authority = new
            {
                Issuer = issuer,
                MutualTlsBase = $"https://localhost:{mutual}",
                Public = $"127.0.0.1:{open}",
                MutualTls = $"127.0.0.1:{mutual}",
                Operations = $"127.0.0.1:{FreePort()}",
                Contracts = town.Contracts.Folder,
                State = Directory.CreateDirectory(Path.Combine(folder, "authority")).FullName,
                ServerCertificate = server.Certificate,
                ServerKey = server.Key,
                Authorities = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [DevelopmentPki.Partners] = town.Pki.AuthorityFile(DevelopmentPki.Partners),
                },
                KeyPassphraseFile = town.State.At("keys", GatewayKeys.AuthorityPassphrase),
                Resources = new[] { new { Id = town.File.Gateway } },
                FailuresPerMinute = 100_000,
                Caps = new
                {
                    Open = 1024,
                    OpenPerAddress = 1024,
                    NewPerSecond = 1000,
                    Burst = 1000,
                    Handshakes = 256,
                },
                Ledger = new
                {
                    Directory = Path.Combine(folder, "ledger"),
                    Origin = "bench.example/audit/authority",
                    Key = Path.Combine(folder, "log.key"),
                },
            },
            Serilog = new
            {
                WriteTo = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["1"] = new { Args = new { path = Path.Combine(folder, "authority-.json") } },
                },
            },
        };
        var file = Path.Combine(folder, "authority.json");
        File.WriteAllText(file, JsonSerializer.Serialize(settings));
        return (file, new Uri($"https://localhost:{mutual}/connect/token"), issuer);
    }

    /// <summary>Settings of npm oidc-provider: the same clients, keys, certificates, resource and details.</summary>
    public static string Peer(Town town)
    {
        var server = town.Pki.Server("authority");
        var clients = Enumerable
            .Range(0, Clients)
            .Select(lane =>
                (JsonNode)
                    new JsonObject
                    {
                        ["client_id"] = Name(lane),
                        ["token_endpoint_auth_method"] = "private_key_jwt",
                        ["token_endpoint_auth_signing_alg"] = "ES256",
                        ["jwks"] = JsonNode.Parse(town.Keys.PublicSetJson(Name(lane))),
                        ["scope"] = Scope,
                        ["authorization_details_types"] = new JsonArray("data_exchange"),
                        ["tls_client_certificate_bound_access_tokens"] = true,
                    }
            );
        return new JsonObject
        {
            ["host"] = "localhost",
            ["port"] = 0,
            ["certificate"] = server.Certificate,
            ["key"] = server.Key,
            ["clientAuthorities"] = town.Pki.AuthorityFile(DevelopmentPki.Partners),
            ["clients"] = new JsonArray([.. clients]),
            ["resources"] = new JsonObject
            {
                [town.File.Gateway] = new JsonObject { ["scope"] = Scope, ["ttl"] = 300 },
            },
            ["details"] = new JsonArray("data_exchange"),
        }.ToJsonString();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Register(string contracts)
    {
        var clients = string.Concat(
            Enumerable
                .Range(0, Clients)
                .Select(static lane =>
                    $$"""
                          - id: {{Name(lane)}}
                            names: { fr: "Mesure", ar: "قياس", en: "Benchmark" }
                            status: active
                            auth: private_key_jwt
                            binding: mtls
                            jwks: { file: {{Name(lane)}}.jwks.json }
                            certificate: { authority: anss-partners, sanUri: "urn:anss:client:{{Name(lane)}}" }
                            limits: { tokensPerMinute: 100000, connections: 32, requestsPerSecond: 10000 }

                        """.ReplaceLineEndings("\n")
                )
        );
        Edit(Path.Combine(contracts, "institutions", "anss.yaml"), "signingKeys:", clients + "signingKeys:");
        Edit(
            Path.Combine(contracts, "agreements", Agreement + ".yaml"),
            "    clients: [anss-eligibility, anss-batch]",
            $"    clients: [anss-eligibility, anss-batch, {string.Join(", ", Enumerable.Range(0, Clients).Select(Name))}]"
        );
    }

    private static void Edit(string path, string what, string with)
    {
        var text = File.ReadAllText(path);
        if (text.Split(what).Length != 2)
            throw new InvalidOperationException($"'{what}' stands not once in {Path.GetFileName(path)}");
        File.WriteAllText(path, text.Replace(what, with, StringComparison.Ordinal));
    }
}
