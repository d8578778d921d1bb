using Admin.CommandLine;
using Ledger.Notes;

namespace Admin.Tests.CommandLine;

public sealed class WitnessCommandTests
{
    [Fact]
    public async Task A_witness_key_is_made_once_and_its_public_half_is_printed_for_the_policy()
    {
        using var folder = new TemporaryFolder();
        var made = (await Ctl.Run("witness", "key", folder.At("w1.pem"), "--name", "witness.cndp.example/w1", "--json")).Ended(Exit.Ok);
        var key = VerifierKey.Parse((string)made.Json["vkey"]!);
        Assert.Equal((SignatureKind.CosignatureV1, "witness.cndp.example/w1"), (key.Kind, key.Name));
        using var loaded = WitnessKey.Load(key.Name, folder.At("w1.pem"));
        Assert.Equal(key.ToString(), loaded.Verifier.ToString());
        (await Ctl.Run("witness", "key", folder.At("w1.pem"), "--name", "witness.cndp.example/w1")).Ended(Exit.Usage);
    }

    [Fact]
    public async Task A_witness_does_not_start_for_what_is_no_key_of_a_log()
    {
        using var folder = new TemporaryFolder();
        await Ctl.Run("witness", "key", folder.At("w1.pem"), "--name", "w");
        (
            await Ctl.Run(
                "witness",
                "serve",
                "--name",
                "w",
                "--key",
                folder.At("w1.pem"),
                "--log",
                "no key",
                "--state",
                folder.At("memory")
            )
        ).Ended(Exit.Usage);
    }
}
