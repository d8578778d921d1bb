using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ledger;
using Ledger.Notes;
using Ledger.Witnesses;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>A town whose log is published and cosigned only when a test asks for it.</summary>
[Trait("Tier", "Whole")]
public sealed class QuietLogFixture : IAsyncLifetime
{
    public const string Auditor = "anss-batch";

    public Town Town { get; private set; } = null!;

    public HttpClient Ministry { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromHours(1),
                ConfigureGateway = static gateway => gateway.LedgerReaders.Add(Auditor),
                WitnessPace = new WitnessPace { Every = TimeSpan.FromHours(1) },
            }
        );
        Ministry = Town.ClientWith(Town.Pki.Client("menps-school-support").Load());
    }

    public ValueTask DisposeAsync()
    {
        Ministry?.Dispose();
        return Town.EndAsync();
    }
}

/// <summary>What partners take from the log (ledger page, section 11.2).</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ProofsTest(QuietLogFixture fixture) : IClassFixture<QuietLogFixture>
{
    private const string Consumer = "anss-eligibility",
        Provider = "menps-school-support";
    private readonly Town _town = fixture.Town;

    private VerifierKey Key => VerifierKey.Parse(_town.File.Ledger.Vkey);
    private string Prefix => "/" + Key.Name[(Key.Name.IndexOf('/', StringComparison.Ordinal) + 1)..] + "/";

    [Fact]
    public async Task A_receipt_is_completed_by_the_path_and_tied_to_the_checkpoint_by_consistency_with_a_certificate_alone()
    {
        var receipt = await Asked();
        await Asked();
        var published = await Published(receipt.Size + 1);
        var text = await File("checkpoint");
        Assert.Equal("max-age=1", text.Header("Cache-Control"));
        Assert.True(Checkpoint.TryOpen(text.Text, Key, out var checkpoint));
        Assert.Equal(published, checkpoint.Size);

        var path = await File(Invariant($"path/{receipt.Index}?size={receipt.Size}"));
        Assert.True(InclusionProof.Verify(receipt.Leaf, receipt.Index, receipt.Size, Hashes(path), receipt.Root));
        var consistency = await File(Invariant($"consistency?old={receipt.Size}"));
        Assert.True(ConsistencyProof.Verify(receipt.Size, receipt.Root, checkpoint.Size, checkpoint.Root, Hashes(consistency)));
        Assert.Equal(Hashes(consistency), Hashes(await File(Invariant($"consistency?old={receipt.Size}&size={checkpoint.Size}"))));
    }

    [Fact]
    public async Task Tiles_are_for_every_institution_and_bundles_for_readers_of_the_whole_log()
    {
        var size = await Published((await Asked()).Size);
        var tile = await File("tile/0/000.p/" + size);
        Assert.Equal("public, max-age=31536000, immutable", tile.Header("Cache-Control"));
        Assert.Equal(size * 32, tile.Bytes.Length);
        var bundle = "tile/entries/000.p/" + size;
        Assert.Equal("resource-unknown", (await Get(Prefix + bundle, Consumer)).Code);
        var whole = await Get(Prefix + bundle, QuietLogFixture.Auditor);
        Assert.Equal(HttpStatusCode.OK, whole.Status);
        Assert.Equal(await System.IO.File.ReadAllBytesAsync(Path.Combine(_town.LedgerFolder, bundle)), whole.Bytes);
    }

    [Theory]
    [InlineData("tile/0/1.p/3")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/64/000")]
    [InlineData("tile/0/x999/999")]
    [InlineData("journal/000000")]
    [InlineData("lock")]
    [InlineData("path/0?size=0")]
    [InlineData("path/00?size=9")]
    [InlineData("path/99999?size=100000")]
    [InlineData("consistency?old=100000")]
    [InlineData("consistency?old=2&size=1")]
    [InlineData("consistency")]
    public async Task What_is_not_there_is_not_found(string file) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Get(Prefix + file, Consumer)).Status);

    [Fact]
    public async Task An_unknown_certificate_gets_no_file_and_a_parameter_that_is_unknown_is_refused()
    {
        using var http = _town.ClientWith(_town.Wrong.Unregistered());
        Assert.Equal("certificate-not-accepted", (await _town.Send(Prefix + "checkpoint", null, null, http, method: HttpMethod.Get)).Code);
        Assert.Equal("request-malformed", (await Get(Prefix + "checkpoint?token=1", Consumer)).Code);
    }

    [Fact]
    public async Task The_record_is_given_to_both_parties_byte_for_byte_and_the_reading_is_sealed()
    {
        var receipt = await Asked();
        await Published(receipt.Size);
        foreach (var party in new[] { Consumer, Provider, QuietLogFixture.Auditor })
        {
            var reply = await Read(Invariant($"entry/{receipt.Index}"), party);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Equal(receipt.Leaf, LeafHash.Of(reply.Bytes));
            Assert.Equal($"\"{receipt.Leaf}\"", reply.Header("ETag"));
            var reading = await Sealed(reply);
            Assert.Equal("ledger.entry.read", reading.GetProperty("op").GetString());
            Assert.Equal(receipt.ExchangeId, reading.GetProperty("ref").GetString());
            Assert.Equal(party, reading.GetProperty("cli").GetString());
        }
    }

    [Fact]
    public async Task Of_the_consumer_only_the_system_that_asked_has_the_record_and_with_a_token_only_under_what_it_asked()
    {
        var receipt = await Asked();
        await Published(receipt.Size);
        var nothing = await Read("entry/123456", Consumer);
        foreach (
            var path in new[]
            {
                Invariant($"entry/{receipt.Index}"),
                Invariant($"proof/{receipt.Index}?published"),
                "entry?exchange=" + receipt.ExchangeId,
            }
        )
        {
            // Another system of the institution; the system itself, for another purpose and under another agreement.
            foreach (
                var reply in new[]
                {
                    await Read(path, "anss-inclusion"),
                    await Read(path, Consumer, "ASD_BACK_TO_SCHOOL"),
                    await Read(path, Consumer, "ASD_ELIGIBILITY"),
                }
            )
                Assert.Equal(Alike(nothing), Alike(reply));
            // Its certificate alone: evidence outlives the agreement.
            Assert.NotEqual(HttpStatusCode.NotFound, (await Get(Prefix + path, Consumer)).Status);
        }

        static string Alike(Reply reply) =>
            $"{reply.Status} {reply.Text.Replace(reply.Json.GetProperty("instance").GetString()!, "", StringComparison.Ordinal)}";
    }

    [Fact]
    public async Task To_a_stranger_a_record_does_not_exist()
    {
        // The employment services were asked: the ministry of education is no party.
        var receipt = (
            await _town.Post(
                Ask.JobSeekers,
                JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } }),
                purpose: "ASD_ELIGIBILITY"
            )
        ).Receipt();
        await Published(receipt.Size);
        Assert.Equal(HttpStatusCode.OK, (await Read(Invariant($"entry/{receipt.Index}"), Consumer, "ASD_ELIGIBILITY")).Status);
        foreach (
            var path in new[]
            {
                Invariant($"entry/{receipt.Index}"),
                Invariant($"proof/{receipt.Index}"),
                "entry?exchange=" + receipt.ExchangeId,
                "entry/0",
                "entry/123456",
            }
        )
        {
            var reply = await Read(path, Provider);
            Assert.Equal((HttpStatusCode.NotFound, "resource-unknown"), (reply.Status, reply.Code));
            Assert.Equal("deny", (await Sealed(reply)).GetProperty("ev").GetString());
        }
    }

    [Fact]
    public async Task A_record_is_found_by_its_exchange_id()
    {
        var receipt = await Asked();
        await Asked();
        await Published(receipt.Size + 1);
        var reply = await Read("entry?exchange=" + receipt.ExchangeId, Consumer);
        Assert.Equal(HttpStatusCode.SeeOther, reply.Status);
        Assert.Equal(Prefix + Invariant($"entry/{receipt.Index}"), reply.Header("Location"));
        Assert.Equal(HttpStatusCode.NotFound, (await Read("entry?exchange=01M4ZDBB2GDE3B4WZZ6KYE37BB", Consumer)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Read("entry?exchange=1", Consumer)).Status);
    }

    [Fact]
    public async Task A_proof_stands_on_a_checkpoint_that_the_quorum_cosigned_and_the_policy_accepts_it()
    {
        var receipt = await Asked();
        await Published(receipt.Size);
        var early = await Read(Invariant($"proof/{receipt.Index}"), Consumer);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (early.Status, early.Header("Retry-After")));
        var bare = await Read(Invariant($"proof/{receipt.Index}?published"), Consumer);
        Assert.True(TlogProof.TryParse(bare.Text, out var published));

        Assert.True(await _town.Witnesses.RoundAsync());
        var policy = TrustPolicy.Parse((await Get("/audit/policy", Provider)).Text);
        Assert.False(policy.TryOpen(published.Note, out _, out _));
        var reply = await Read(Invariant($"proof/{receipt.Index}"), Provider);
        Assert.True(TlogProof.TryParse(reply.Text, out var proof));
        Assert.True(policy.TryOpen(proof.Note, out var checkpoint, out var reason), reason);
        Assert.True(proof.Proves(receipt.Leaf, checkpoint));
        Assert.True(policy.TryOpen((await File("checkpoint-witnessed")).Text, out _, out _));
    }

    [Fact]
    public async Task What_is_durable_and_not_published_is_asked_for_again_in_a_second()
    {
        var receipt = await Asked();
        foreach (
            var reply in new[]
            {
                await File(Invariant($"path/{receipt.Index}?size={receipt.Size}")),
                await Read(Invariant($"entry/{receipt.Index}"), Consumer),
            }
        )
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (reply.Status, reply.Header("Retry-After")));
        await Published(receipt.Size);
        Assert.Equal(HttpStatusCode.OK, (await File(Invariant($"path/{receipt.Index}?size={receipt.Size}"))).Status);
    }

    private async Task<ReceiptHeader> Asked() => (await _town.Enrolment(Fixtures.PlainChild)).Receipt();

    private async Task<long> Published(long size) => (await _town.Ledger.WhenPublished(size)).Size;

    private Task<Reply> File(string name) => Get(Prefix + name, Provider);

    private Task<Reply> Get(string path, string client) => _town.Send(path, null, null, Http(client), method: HttpMethod.Get);

    // The ministry asks nothing itself: it has a certificate, and no agreement under which it would get a token.
    private HttpClient Http(string client) => client == Provider ? fixture.Ministry : _town.ClientAs(client);

    // The consumer shows a token, the others their certificates alone: both ways lead in.
    private async Task<Reply> Read(string path, string client, string purpose = "ASD_SCHOOLING") =>
        client == Consumer
            ? await _town.Send(Prefix + path, null, await _town.TokenFor(client, purpose), _town.ClientAs(client), method: HttpMethod.Get)
            : await Get(Prefix + path, client);

    private async Task<JsonElement> Sealed(Reply reply)
    {
        await Published(reply.Receipt().Size);
        return await reply.Record();
    }

    private static TreeHash[] Hashes(Reply reply)
    {
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        return
        [
            .. Encoding
                .ASCII.GetString(reply.Bytes)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => TreeHash.TryFromBase64(line, out var hash) ? hash : throw new FormatException(line)),
        ];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
