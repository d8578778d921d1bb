using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Authority.Tests.Support;

/// <summary>
/// A folder over which any engine can be started and then tested from outside: contracts with the suite's clients, their keys and
/// certificates, and <c>authority.json</c> for the programs of this repository. Development keys, made on the spot.
/// </summary>
internal static class SuiteFolder
{
    private const string Root = "partners",
        Server = "server";

    /// <summary>Writes everything. Ports: public, mutual TLS, operations.</summary>
    public static void Write(string folder, int firstPort)
    {
        var pki = new TestPki("CN=Partners");
        Save(folder, Root, pki.Root);
        Save(folder, Server, pki.Server());
        Save(folder, TheAuthority.Alone, TestPki.SelfSigned());
        var contracts = new TempContracts(
            TheAuthority.ExtraClients(Certificate(folder, TheAuthority.Alone)),
            Path.Combine(folder, "contracts")
        );
        foreach (var (name, key) in contracts.Keys)
            WriteSecret(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        WriteSecret(Path.Combine(folder, "passphrase"), Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        File.WriteAllText(
            Path.Combine(folder, "authority.json"),
            JsonSerializer.Serialize(new { Authority = Settings(folder, firstPort), Serilog = Log(folder) })
        );
    }

    /// <summary>Contracts and keys of a folder that was written before.</summary>
    public static TempContracts Contracts(string folder) =>
        new(Path.Combine(folder, "contracts"), name => Path.Combine(folder, name + ".key"));

    /// <summary>The CA of the suite's clients.</summary>
    public static TestPki Pki(string folder) => new(Certificate(folder, Root));

    /// <summary>A certificate with its key.</summary>
    public static X509Certificate2 Certificate(string folder, string name) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".cert.key"));

    private static object Settings(string folder, int port) =>
        new
        {
            Issuer = $"https://localhost:{port}",
            MutualTlsBase = $"https://localhost:{port + 1}",
            Public = $"127.0.0.1:{port}",
            MutualTls = $"127.0.0.1:{port + 1}",
            Operations = $"127.0.0.1:{port + 2}",
            Contracts = Path.Combine(folder, "contracts"),
            State = Path.Combine(folder, "state"),
            ServerCertificate = Path.Combine(folder, Server + ".pem"),
            ServerKey = Path.Combine(folder, Server + ".cert.key"),
            Authorities = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["anss-partners"] = Path.Combine(folder, Root + ".pem"),
            },
            KeyPassphraseFile = Path.Combine(folder, "passphrase"),
            Resources = new object[]
            {
                new { Id = TheAuthority.Gateway, IntrospectedBy = new[] { TheAuthority.Batch } },
                new { Id = TheAuthority.Console },
            },
            FailuresPerMinute = 1_000_000,
            Caps = new
            {
                Open = 4096,
                OpenPerAddress = 4096,
                NewPerSecond = 100_000,
                Burst = 100_000,
                Handshakes = 4096,
            },
            TheAuthority.ProblemPages,
            Ledger = new
            {
                Directory = Path.Combine(folder, "ledger"),
                Origin = "test.example/authority",
                Key = Path.Combine(folder, "log.key"),
            },
        };

    private static object Log(string folder) =>
        new
        {
            WriteTo = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["1"] = new { Args = new { path = Path.Combine(folder, "authority-.json") } },
            },
        };

    private static void Save(string folder, string name, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(folder);
        WriteSecret(Path.Combine(folder, name + ".cert.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, name + ".pem"), certificate.ExportCertificatePem() + "\n");
    }

    private static void WriteSecret(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
