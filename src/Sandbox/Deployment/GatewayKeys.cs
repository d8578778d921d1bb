using System.Security.Cryptography;
using Ledger;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// Symmetric keys of the gateway in <c>keys/gateway/</c>: the sandbox's published keys of sectors and of the dossier register, which the
/// nodes of several towns thus share, and one of its own for DPoP nonces. 64 hexadecimal digits each.
/// </summary>
/// <param name="state">Folder of the town.</param>
public sealed class GatewayKeys(StateFolder state)
{
    /// <summary>Name of the key that signs the gateway's word to the institutions.</summary>
    public const string AssertionKey = "gateway-assertion";

    /// <summary>File of the passphrase of the authority's key ring.</summary>
    public const string AuthorityPassphrase = "authority-passphrase.key";

    /// <summary>Folder that the gateway reads.</summary>
    public string Folder { get; } = state.Folder("keys", "gateway");

    /// <summary>Writes what is missing.</summary>
    public void Prepare()
    {
        foreach (var sector in SectorToken.Sectors)
            Write($"sector.{sector}.key", SectorToken.SandboxKey(sector));
        Write("dossier.key", SHA256.HashData("gateway sandbox sector key dossier"u8));
        Write("dpop-nonce.key", RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>Key of the dossier register's pseudonyms.</summary>
    public byte[] Dossier => Convert.FromHexString(SecretFile.ReadText(Path.Combine(Folder, "dossier.key")).Trim());

    private void Write(string name, byte[] key)
    {
        var path = Path.Combine(Folder, name);
        if (!File.Exists(path))
            StateFolder.WriteSecret(path, Convert.ToHexStringLower(key) + "\n");
    }
}
