using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agreements.Loading;
using Interop.Node;
using Sandbox.Deployment;
using Sandbox.Pki;

namespace Interop.Partners;

/// <summary>
/// Agreements are signed with a standard form: npm jose verifies what our program signs, and our loader takes what jose signs.
/// </summary>
public sealed class AgreementSignatureTests : IDisposable
{
    private const string Agreement = "ANSS-ANAPEC-2026-01";
    private static readonly string[] Signers = ["anss-sign-2026", "anapec-sign-2026"];
    private readonly string _folder = Directory.CreateTempSubdirectory("signatures-").FullName;
    private readonly SigningKeys _keys;
    private readonly string _contracts;

    public AgreementSignatureTests()
    {
        var state = new StateFolder(_folder);
        _keys = new SigningKeys(state);
        _contracts = DeployedContracts
            .Deploy(
                new DeploymentPlan { Source = ContractSource.Find(), Providers = ImmutableDictionary<string, string>.Empty },
                state,
                TimeProvider.System
            )
            .Folder;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Jose_verifies_what_our_program_signed_and_refuses_every_changed_byte()
    {
        var facts = await Run("verify");
        foreach (var fact in facts)
            TestContext.Current.TestOutputHelper?.WriteLine(fact);
        Assert.Equal(Signers, facts.Select(static fact => fact.Split(':')[0]));
    }

    [Fact]
    public async Task The_loader_takes_what_jose_signed_and_jose_verifies_it()
    {
        var ours = await File.ReadAllTextAsync(Agreed);
        var text = ours;
        foreach (var line in await Run("sign"))
        {
            var (keyId, jws) = (line.Split(' ')[0], line.Split(' ')[1]);
            var from =
                text.IndexOf("value: \"", text.IndexOf($"keyId: {keyId},", StringComparison.Ordinal), StringComparison.Ordinal)
                + "value: \"".Length;
            text = text[..from] + jws + text[text.IndexOf('"', from)..];
        }
        Assert.NotEqual(ours, text);
        await File.WriteAllTextAsync(Agreed, text);
        var load = RegistryLoader.Load(_contracts, TimeProvider.System);
        Assert.Empty(load.Errors.Where(static error => error.Severity is LoadSeverity.Error));
        Assert.True(load.Registry!.Agreements[Agreement].Signed);
        await Run("verify");
        await File.WriteAllTextAsync(Agreed, text.Replace("perDay: ", "perDay: 1", StringComparison.Ordinal));
        Assert.Contains(RegistryLoader.Load(_contracts, TimeProvider.System).Errors, static error =>
            error.What == "the signature of 'anss' does not fit the file"
        );
    }

    private string Agreed => Path.Combine(_contracts, "agreements", Agreement + ".yaml");

    private async Task<IReadOnlyCollection<string>> Run(string what)
    {
        var keys = Signers.Select(id =>
            KeyValuePair.Create(
                id,
                (JsonNode?)
                    new JsonObject { ["public"] = Path.Combine(_contracts, "institutions", id + ".jwk.json"), ["private"] = _keys.File(id) }
            )
        );
        return await NodeProgram.Run(
            "agreement.mjs",
            new JsonObject { ["file"] = Agreed, ["keys"] = new JsonObject(keys) }.ToJsonString(JsonSerializerOptions.Web),
            what
        );
    }
}
