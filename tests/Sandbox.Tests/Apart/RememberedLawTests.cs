using System.Text;
using Ledger.Tiles;
using Sandbox.Deployment;
using Sandbox.Persons;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>A gateway that starts again knows what was law, from its file or from its log alone.</summary>
[Trait("Tier", "Whole")]
public sealed class RememberedLawTests
{
    private const string Id = "ANSS-ANAPEC-2026-01";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replaced_version_put_back_while_the_gateway_was_down_is_refused_at_its_start(bool fileIsLost)
    {
        await using var town = await ApartTown.StartAsync();
        var (file, book) = (
            town.State.At("contracts", "agreements", Id + ".yaml"),
            Path.Combine(town.State.Folder("gateway"), "law-book.json")
        );
        var first = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var second = first.Split("signatures:")[0].Replace("version: 1\n", "version: 2\nreplaces: 1\n", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, second, TestContext.Current.CancellationToken);
        using (
            var signer = new AgreementSigner(town.State.At("contracts"), new SigningKeys(town.State), new SchoolCalendar(TimeProvider.System).Today)
        )
            signer.SignAll();
        second = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        for (var i = 0; i < 1200 && !IsSealed(town, Id + "@2"); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Contains(
            "\"version\": 2",
            await File.ReadAllTextAsync(book, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        await town.KillGatewayAsync();
        await File.WriteAllTextAsync(file, first, TestContext.Current.CancellationToken);
        if (fileIsLost)
            File.Delete(book);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(town.StartGatewayAsync);
        Assert.Contains($"agreements/{Id}.yaml:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("version 1 was replaced: version 2 has been law here", refused.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, second, TestContext.Current.CancellationToken);
        await town.StartGatewayAsync();
    }

    // With the digest of its text, which only a version that every party has signed has: the gateway may have seen the file before its
    // signatures.
    private static bool IsSealed(ApartTown town, string reference) =>
        LogReader
            .Open(town.File.Ledger.Directory, town.Policy)
            .Entries()
            .Select(static entry => Encoding.ASCII.GetString(entry.Text.Span))
            .Any(record =>
                record.Contains($"\"agr\":\"{reference}\",\"act\":\"activated\"", StringComparison.Ordinal)
                && record.Contains("\"txt\":", StringComparison.Ordinal)
            );
}
