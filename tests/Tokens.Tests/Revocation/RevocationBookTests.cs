using System.Security.Cryptography.X509Certificates;
using Tokens.Revocation;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Revocation;

/// <summary>What a program knew of revocation lists it knows after a restart.</summary>
public sealed class RevocationBookTests : IDisposable
{
    private static readonly TestPki Pki = new();
    private static readonly X509Certificate2 Leaf = Pki.Leaf();
    private readonly string _folder = Directory.CreateTempSubdirectory("revocation-").FullName;

    private string List => Path.Combine(_folder, "partners.crl");
    private string Kept => Path.Combine(_folder, "book.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("older", "below 5")]
    [InlineData("other bytes", "its bytes are others")]
    public async Task A_list_that_was_put_back_while_the_program_was_away_is_refused(string how, string words)
    {
        var made = DateTimeOffset.UtcNow.AddMinutes(-5);
        var newest = SomeCrl.Of(Pki.Root, number: 5, made: made, revoked: Leaf);
        await Run(newest, async host => Assert.Equal(nameof(CertificateStop.Revoked), await host.Verdict(Leaf)));
        Assert.Contains("\"number\": \"5\"", await File.ReadAllTextAsync(Kept), StringComparison.Ordinal);

        await Run(SomeCrl.Of(Pki.Root, number: how == "older" ? 4 : 5, made: made), async host =>
        {
            Assert.Contains(words, Assert.Single(host.Lists.Faults), StringComparison.Ordinal);
            Assert.Equal(nameof(CertificateStop.Unknown), await host.Verdict(Pki.Leaf()));
        });
        await Run(newest, async host => Assert.Equal(nameof(CertificateStop.None), await host.Verdict(Pki.Leaf())));
        var next = SomeCrl.Of(Pki.Root, number: 6, made: made);
        await Run(next, async host => Assert.Equal(nameof(CertificateStop.None), await host.Verdict(Leaf)));
    }

    [Fact]
    public async Task What_could_not_be_written_down_is_in_force_and_is_written_down_later()
    {
        var isFull = true;
        string? kept = null;
        var book = RevocationBook.Open(text: null, text => kept = isFull ? throw new IOException("full") : text);
        await File.WriteAllBytesAsync(List, SomeCrl.Of(Pki.Root, number: 5, revoked: Leaf));
        await using var host = await RevocationHost.Start(Pki, _folder, Settings, book: book);
        Assert.Equal(nameof(CertificateStop.Revoked), await host.Verdict(Leaf));
        Assert.Null(kept);
        isFull = false;
        await RevocationHost.Until(() => Task.FromResult(Volatile.Read(ref kept) is not null), "it is written down");
    }

    [Fact]
    public async Task What_nobody_has_been_found_to_have_signed_is_not_written_down()
    {
        var intermediate = Pki.Authority("CN=Intermediate", Pki.Root, pathLength: 0);
        string? kept = null;
        var book = RevocationBook.Open(text: null, text => kept = text);
        await File.WriteAllTextAsync(List, SomeCrl.Pem(SomeCrl.Of(Pki.Root, number: 1)) + SomeCrl.Pem(SomeCrl.Of(intermediate, number: 7)));
        await using var host = await RevocationHost.Start(Pki, _folder, Settings, book: book);
        await RevocationHost.Until(() => Task.FromResult(Volatile.Read(ref kept) is not null), "the list of the root is written down");
        Assert.DoesNotContain("\"number\": \"7\"", kept, StringComparison.Ordinal);
        await host.Verdict(Pki.Leaf(issuer: intermediate), intermediate);
        await RevocationHost.Until(
            () => Task.FromResult(kept!.Contains("\"number\": \"7\"", StringComparison.Ordinal)),
            "so is the other once a chain has shown its issuer"
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"schema":"gateway.revocation-book/1","lists":{"a":null}}""")]
    [InlineData("""{"schema":"gateway.revocation-book/1","lists":{"a":{"number":"x","made":"2026-01-01T00:00:00Z","digest":"d"}}}""")]
    [InlineData("""{"schema":"gateway.revocation-book/2","lists":{}}""")]
    public void A_book_that_cannot_be_read_stops_the_start(string text)
    {
        var refused = Assert.Throws<InvalidDataException>(() => RevocationBook.Open(text, static _ => { }));
        Assert.Contains("cannot be read", refused.Message, StringComparison.Ordinal);
    }

    private RevocationSettings Settings => new() { Files = [List], Fail = RevocationFailure.Hard };

    private async Task Run(byte[] list, Func<RevocationHost, Task> does)
    {
        await File.WriteAllBytesAsync(List, list);
        var before = File.Exists(Kept) ? await File.ReadAllTextAsync(Kept) : null;
        var book = RevocationBook.Open(before, text => File.WriteAllText(Kept, text));
        await using var host = await RevocationHost.Start(Pki, _folder, Settings, book: book);
        await does(host);
        await RevocationHost.Until(() => Task.FromResult(File.Exists(Kept)), "the book is written");
    }
}
