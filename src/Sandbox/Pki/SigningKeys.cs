using System.Security.Cryptography;
using System.Text.Json;
using Ledger;
using Microsoft.IdentityModel.Tokens;

namespace Sandbox.Pki;

/// <summary>
/// ES256 key pairs of the town, as PKCS#8 PEM in <c>keys/</c>: partners' systems sign client assertions with theirs,
/// institutions sign agreements, the gateway signs its word to the institutions.
/// </summary>
/// <param name="state">Folder of the town.</param>
public sealed class SigningKeys(StateFolder state)
{
    /// <summary>Was this key made?</summary>
    public bool Has(string name) => System.IO.File.Exists(state.At("keys", name + ".key"));

    /// <summary>PEM file of a key, which is made on first use.</summary>
    /// <param name="name">Name, for example a client id or <c>menps-sign-2026</c>.</param>
    public string File(string name)
    {
        var path = Path.Combine(state.Folder("keys"), name + ".key");
        if (System.IO.File.Exists(path))
            return path;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        StateFolder.WriteSecret(path, key.ExportPkcs8PrivateKeyPem());
        return path;
    }

    /// <summary>The private key; the caller disposes it.</summary>
    public ECDsa Load(string name)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(SecretFile.ReadText(File(name)));
        return key;
    }

    /// <summary>The public half as a JWK whose <c>kid</c> is its RFC 7638 thumbprint.</summary>
    public JsonWebKey Public(string name)
    {
        using var key = Load(name);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        // From its coordinates, not converted: a converted key would keep the disposed one inside.
        var jwk = new JsonWebKey
        {
            Kty = "EC",
            Crv = "P-256",
            X = Base64UrlEncoder.Encode(point.X),
            Y = Base64UrlEncoder.Encode(point.Y),
        };
        jwk.Kid = Base64UrlEncoder.Encode(jwk.ComputeJwkThumbprint());
        return jwk;
    }

    /// <summary>The public half as JSON text.</summary>
    public string PublicJson(string name)
    {
        var jwk = Public(name);
        return JsonSerializer.Serialize(
            new
            {
                kty = jwk.Kty,
                crv = jwk.Crv,
                x = jwk.X,
                y = jwk.Y,
                kid = jwk.Kid,
                alg = "ES256",
                use = "sig",
            }
        );
    }

    /// <summary>A JWK Set with the public half.</summary>
    public string PublicSetJson(string name) => $$"""{"keys":[{{PublicJson(name)}}]}""";
}
