using Authority.Keys;
using Interop.Node;
using Interop.Towns;
using Microsoft.Extensions.DependencyInjection;

namespace Interop.Partners;

/// <summary>Clients that nobody here wrote, against the running town: each takes tokens, validates them, and calls the gateway.</summary>
public sealed class ClientLibrariesTests(TownFixture town)
{
    [Theory]
    [InlineData("discovery")]
    [InlineData("private-key-jwt")]
    [InlineData("tls-client-auth")]
    [InlineData("self-signed")]
    [InlineData("dpop")]
    [InlineData("dpop-at-gateway")]
    [InlineData("introspection")]
    public async Task Oauth4webapi_works_with_the_town(string name) => await town.Run("with-oauth4webapi.mjs", name);

    [Theory]
    [InlineData("private-key-jwt")]
    [InlineData("tls-client-auth")]
    [InlineData("self-signed")]
    [InlineData("dpop")]
    [InlineData("revocation")]
    public async Task Openid_client_works_with_the_town(string name) => await town.Run("with-openid-client.mjs", name);

    [Fact]
    public async Task Jose_and_dpop_alone_are_enough_for_a_bound_token() => await town.Run("with-jose.mjs", "dpop");

    [Fact]
    public async Task A_client_goes_on_without_one_refusal_while_the_signing_key_changes()
    {
        var (program, _) = await NodeProgram.Start("with-jose.mjs", town.Settings, arguments: "rotation");
        await using (program)
        {
            town.Town.AuthorityHost.Services.GetRequiredService<KeyRing>().Rotate();
            await program.Completed();
            Assert.Contains(program.Lines, static line => line.Contains("under two keys", StringComparison.Ordinal));
        }
    }
}
