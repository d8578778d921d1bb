using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Interop.Conformance;

/// <summary>Settings of npm oidc-provider that register the suite's clients, with the keys of the suite's folder.</summary>
internal static class PeerOfTheSuite
{
    private const string Scopes = "education.school-enrolment.read education.school-enrolment.batch employment.job-seeker-status.read";

    public static string Settings(string folder)
    {
        JsonObject Client(string id, string method, bool dpop = false) =>
            new()
            {
                ["client_id"] = id,
                ["token_endpoint_auth_method"] = method,
                ["scope"] = Scopes,
                ["authorization_details_types"] = new JsonArray("data_exchange"),
                [dpop ? "dpop_bound_access_tokens" : "tls_client_certificate_bound_access_tokens"] = true,
            };
        JsonObject ByKey(string id, bool dpop = false)
        {
            var client = Client(id, "private_key_jwt", dpop);
            client["jwks"] = new JsonObject { ["keys"] = new JsonArray(Jwk(Path.Combine(folder, id + ".key"))) };
            return client;
        }
        var inclusion = Client("anss-inclusion", "tls_client_auth");
        inclusion["tls_client_auth_san_uri"] = "urn:anss:client:anss-inclusion";
        var named = Client("anss-named", "tls_client_auth");
        named["tls_client_auth_subject_dn"] = "CN=named system,O=ANSS,C=MA";
        var alone = Client("anss-alone", "self_signed_tls_client_auth");
        alone["jwks"] = new JsonObject
        {
            ["keys"] = new JsonArray(
                WithCertificate(Path.Combine(folder, "anss-alone.pem"), Jwk(Path.Combine(folder, "anss-alone.cert.key")))
            ),
        };
        JsonObject Resource() => new() { ["scope"] = Scopes, ["ttl"] = 300 };
        return new JsonObject
        {
            ["host"] = "localhost",
            ["port"] = 0,
            ["certificate"] = Path.Combine(folder, "server.pem"),
            ["key"] = Path.Combine(folder, "server.cert.key"),
            ["clientAuthorities"] = Path.Combine(folder, "partners.pem"),
            ["clients"] = new JsonArray(
                ByKey("anss-eligibility"),
                ByKey("anss-batch"),
                ByKey("anss-proving", dpop: true),
                inclusion,
                named,
                alone
            ),
            ["resources"] = new JsonObject { ["https://gateway.test"] = Resource(), ["https://console.test"] = Resource() },
            ["details"] = new JsonArray("data_exchange"),
            ["nonce"] = true,
        }.ToJsonString();
    }

    private static JsonObject Jwk(string file)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new()
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    private static JsonObject WithCertificate(string file, JsonObject jwk)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        jwk["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData));
        jwk["x5t#S256"] = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256));
        return jwk;
    }
}
