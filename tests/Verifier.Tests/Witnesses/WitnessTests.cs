using System.Net;
using System.Text;
using Ledger;
using Ledger.Notes;
using Ledger.Tiles;
using Ledger.Witnesses;
using Xunit;

namespace Verifier.Tests.Witnesses;

/// <summary>T16: every answer of tlog-witness, over HTTP.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private SealedLog _log = null!;
    private Neighbours _neighbours = null!;
    private LogReader _reader = null!;
    private string _first = "";

    public async ValueTask InitializeAsync()
    {
        _log = await SealedLog.Of(20);
        _first = await File.ReadAllTextAsync(Path.Combine(_log.Folder, "log", "checkpoint"));
        await using (var writer = _log.Reopen())
        {
            await SealedLog.Seal(writer, Enumerable.Range(0, 10).Select(static n => $$"""{"v":1,"more":{{n}}}"""));
        }

        _reader = LogReader.Open(Path.Combine(_log.Folder, "log"), _log.Key);
        _neighbours = await Neighbours.Of(_log.Key, 1, "quorum w1");
    }

    public async ValueTask DisposeAsync()
    {
        await _neighbours.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task It_cosigns_the_first_checkpoint_and_what_continues_it_and_shows_the_last()
    {
        var (status, line) = await Post(new AddCheckpoint(0, [], _first));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(_neighbours.Policy.TryOpen(_first + line, out var cosigned, out _));
        (status, line) = await Post(new AddCheckpoint(cosigned.Size, _reader.ConsistencyPath(cosigned.Size), _reader.Note));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(_neighbours.Policy.TryOpen(_reader.Note + line, out _, out _));

        var shown = await Http.GetStringAsync(new Uri(_neighbours.UrlOf(1), Witness.NameOf(SealedLog.Origin) + "/checkpoint"));
        Assert.True(_neighbours.Policy.TryOpen(shown, out var latest, out _));
        Assert.Equal(_reader.Checkpoint, latest);
    }

    [Fact]
    public async Task It_remembers_over_a_restart_and_says_the_size_that_it_holds()
    {
        await Post(new AddCheckpoint(0, [], _reader.Note));
        Assert.Equal((HttpStatusCode.Conflict, _reader.Checkpoint.Size + "\n"), await Post(new AddCheckpoint(0, [], _reader.Note)));
        await _neighbours.Silence(1);
        using var key = WitnessKey.Load("witness.example/w1", Path.Combine(_neighbours.Folder, "w1.pem"));
        using var again = new Witness(Path.Combine(_neighbours.Folder, "w1"), key, [_log.Key], TimeProvider.System);
        var answer = again.Add(new AddCheckpoint(0, [], _first).ToString());
        Assert.Equal((409, _reader.Checkpoint.Size + "\n", "text/x.tlog.size"), (answer.Status, answer.Body, answer.ContentType));
        Assert.Equal(200, again.Add(new AddCheckpoint(_reader.Checkpoint.Size, [], _reader.Note).ToString()).Status);
    }

    [Fact]
    public async Task It_refuses_what_is_not_for_it()
    {
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await Post(new AddCheckpoint(0, [], _first.Replace(SealedLog.Origin, "other.example/log", StringComparison.Ordinal)))).Status
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await Post(new AddCheckpoint(0, [], FlipSignature(_first)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(new AddCheckpoint(1000, [], _first))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, await PostText("old 0\n"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostText("old 00\n\n" + _first));
        Assert.Equal(HttpStatusCode.BadRequest, await PostText("old 0\nnot a hash\n\n" + _first));
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await Http.GetAsync(new Uri(_neighbours.UrlOf(1), Witness.NameOf("other.example/log") + "/checkpoint"))).StatusCode
        );
    }

    [Fact]
    public async Task It_names_the_methods_that_a_path_takes_and_keeps_no_connection_that_owes_a_body()
    {
        using var put = await Http.PutAsync(new Uri(_neighbours.UrlOf(1), "add-checkpoint"), new StringContent("old 0\n"));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (put.StatusCode, put.Content.Headers.Allow.Single()));
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(_neighbours.UrlOf(1), Witness.NameOf(SealedLog.Origin) + "/checkpoint")
        )
        {
            Content = new StringContent("x"),
        };
        request.Headers.ExpectContinue = true;
        using var post = await Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (post.StatusCode, post.Content.Headers.Allow.Single()));
        Assert.True(post.Headers.ConnectionClose);
    }

    [Fact]
    public async Task It_refuses_a_proof_that_does_not_lead_to_the_root_and_keeps_what_it_had()
    {
        await Post(new AddCheckpoint(0, [], _first));
        Assert.True(Checkpoint.TryOpen(_first, _log.Key, out var old));
        var path = _reader.ConsistencyPath(old.Size).ToArray();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(new AddCheckpoint(old.Size, path[1..], _reader.Note))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(new AddCheckpoint(old.Size, [], _reader.Note))).Status);
        path[0] = LeafHash.EmptyRoot;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(new AddCheckpoint(old.Size, path, _reader.Note))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Post(new AddCheckpoint(old.Size, _reader.ConsistencyPath(old.Size), _reader.Note))).Status);
    }

    [Fact]
    public async Task Of_many_that_submit_at_once_none_rolls_it_back()
    {
        await Post(new AddCheckpoint(0, [], _first));
        Assert.True(Checkpoint.TryOpen(_first, _log.Key, out var old));
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(async i =>
                    i % 2 == 0
                        ? (await Post(new AddCheckpoint(old.Size, _reader.ConsistencyPath(old.Size), _reader.Note))).Status
                        : (await Post(new AddCheckpoint(old.Size, [], _first))).Status
                )
        );
        Assert.Single(answers.Where((_, i) => i % 2 == 0), HttpStatusCode.OK);
        var shown = await Http.GetStringAsync(new Uri(_neighbours.UrlOf(1), Witness.NameOf(SealedLog.Origin) + "/checkpoint"));
        Assert.True(Checkpoint.TryOpen(shown, _log.Key, out var latest));
        Assert.Equal(_reader.Checkpoint.Size, latest.Size);
    }

    [Fact]
    public void Its_folder_belongs_to_one_process()
    {
        using var key = WitnessKey.Load("witness.example/w1", Path.Combine(_neighbours.Folder, "w1.pem"));
        Assert.Throws<LedgerUnavailable>(() => new Witness(Path.Combine(_neighbours.Folder, "w1"), key, [_log.Key], TimeProvider.System));
    }

    private async Task<(HttpStatusCode Status, string Body)> Post(AddCheckpoint request)
    {
        using var content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
        using var response = await Http.PostAsync(new Uri(_neighbours.UrlOf(1), "add-checkpoint"), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpStatusCode> PostText(string body)
    {
        using var content = new StringContent(body);
        using var response = await Http.PostAsync(new Uri(_neighbours.UrlOf(1), "add-checkpoint"), content);
        return response.StatusCode;
    }

    private static string FlipSignature(string note)
    {
        var at = note.IndexOf('—', StringComparison.Ordinal) + 60;
        return string.Concat(note.AsSpan(0, at), note[at] == 'A' ? "B" : "A", note.AsSpan(at + 1));
    }
}
