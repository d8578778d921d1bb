using System.Net;
using System.Text.Json;
using Ledger;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>What came back, and what the ledger says of it.</summary>
public sealed class Reply
{
    private readonly Town _town;
    private readonly HttpResponseMessage _response;

    private Reply(Town town, HttpResponseMessage response, byte[] body) => (_town, _response, Bytes) = (town, response, body);

    public byte[] Bytes { get; }
    public HttpStatusCode Status => _response.StatusCode;
    public string Text => System.Text.Encoding.UTF8.GetString(Bytes);
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Bytes);
    public string? Code =>
        Json.TryGetProperty("code", out var code) ? code.GetString()
        : Json.TryGetProperty("issue", out var issues)
            ? issues[0].GetProperty("details").GetProperty("coding")[0].GetProperty("code").GetString()
        : null;
    public string? MatchStatus => Json.TryGetProperty("matchStatus", out var status) ? status.GetString() : null;
    public HttpResponseMessage Response => _response;

    public static async Task<Reply> Of(Town town, HttpResponseMessage response) =>
        new(town, response, await response.Content.ReadAsByteArrayAsync());

    public string? Header(string name) =>
        _response.Headers.TryGetValues(name, out var values) || _response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(",", values)
            : null;

    /// <summary>The receipt, after checking that the log's key signed it and that it speaks of these very bytes.</summary>
    public ReceiptHeader Receipt()
    {
        var text = Header(ReceiptHeader.Name);
        Assert.NotNull(text);
        Assert.True(ReceiptHeader.TryParse(text, out var receipt));
        Assert.True(receipt.Verify(VerifierKey.Parse(_town.File.Ledger.Vkey)));
        return receipt;
    }

    /// <summary>The record behind the receipt, read from the published log and proven to be the one that the receipt names.</summary>
    public async Task<JsonElement> Record()
    {
        var receipt = Receipt();
        var entry = (await Published(receipt.Size)).Entry(receipt.Index);
        Assert.Equal(receipt.Leaf, entry.Leaf);
        var record = JsonSerializer.Deserialize<JsonElement>(entry.Text.Span);
        Assert.Equal(receipt.ExchangeId, record.GetProperty("id").GetString());
        if (Bytes.Length > 0 && record.TryGetProperty("rdig", out var digest))
            Assert.Equal(Ledger.Subjects.SaltedDigest.Compute(receipt.Salt.Span, Bytes), digest.GetString());
        return record;
    }

    private async Task<LogReader> Published(long size)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (_town.Ledger.Published?.Size >= size)
                return LogReader.Open(_town.LedgerFolder, VerifierKey.Parse(_town.File.Ledger.Vkey));
            await Task.Delay(25);
        }

        throw new InvalidOperationException("the record was not published");
    }
}
