using System.Buffers;
using System.Buffers.Text;
using System.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// Sends exactly the headers of exchanges page section 1.5 and captures the answer instead of copying it. It calls no method of
/// its base, which would copy headers both ways, and answers false, so that YARP releases nothing.
/// </summary>
internal sealed class CapturingTransformer(Question question, string assertion, string traceparent, TimeProvider time) : HttpTransformer
{
    private const int FirstBuffer = 4096,
        LongestRemark = 4096;
    private static readonly TimeSpan RemarkTime = TimeSpan.FromMilliseconds(200);
    private byte[]? _buffer;

    /// <summary>Bytes captured.</summary>
    public int Length { get; private set; }

    /// <summary>The provider's status; 0 until it answered.</summary>
    public int Status { get; private set; }

    /// <summary>Media type of the answer without parameters.</summary>
    public string? MediaType { get; private set; }

    /// <summary>The answer is coded although identity was asked for.</summary>
    public bool Encoded { get; private set; }

    /// <summary>It is a part of an answer, or one that a cache had kept: neither answers this question.</summary>
    public bool PartOrKept { get; private set; }

    /// <summary>More bytes than the agreement allows.</summary>
    public bool TooLarge { get; private set; }

    /// <summary>Seconds that a <c>Retry-After</c> asks to wait, in whichever form it does; null when there is none that can be
    /// read.</summary>
    public int? RetryAfterSeconds { get; private set; }

    /// <summary>The provider names the exchange that it answers, and it is this one: one <c>Exchange-Id</c>, exactly as sent.</summary>
    public bool Echoed { get; private set; }

    /// <summary>What the provider names in <c>Exchange-Id</c> is another exchange, several, or none.</summary>
    public bool OfAnother { get; private set; }

    /// <summary>The body arrived to its end.</summary>
    public bool Complete { get; private set; }

    /// <summary>Hands the captured bytes over; the caller returns the buffer to the pool.</summary>
    public byte[] TakeBuffer()
    {
        var buffer = _buffer ?? [];
        _buffer = null;
        return buffer;
    }

    /// <summary>Returns the buffer of an answer that nobody takes.</summary>
    public void Discard()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        _buffer = null;
    }

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        proxyRequest.RequestUri = question.Address;
        var headers = proxyRequest.Headers;
        headers.TryAddWithoutValidation("Accept", question.Accept);
        headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        headers.TryAddWithoutValidation("traceparent", traceparent);
        headers.TryAddWithoutValidation("Exchange-Id", question.ExchangeId);
        headers.TryAddWithoutValidation("Agreement", question.Agreement);
        headers.TryAddWithoutValidation("Purpose", question.Purpose);
        headers.TryAddWithoutValidation("Exchange-Assertion", assertion);
        if (question.Salt is not null)
            headers.TryAddWithoutValidation("Exchange-Salt", Base64Url.EncodeToString(question.Salt));
        if (question.Accept == "application/fhir+json")
            headers.TryAddWithoutValidation("Prefer", "handling=strict");
        proxyRequest.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(question.ContentType);
        proxyRequest.Content.Headers.ContentLength = question.Body.Length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext,
        HttpResponseMessage? proxyResponse,
        CancellationToken cancellationToken
    )
    {
        if (proxyResponse is null)
            return false;
        Status = (int)proxyResponse.StatusCode;
        MediaType = ProviderHeaders.MediaType(proxyResponse.Content.Headers);
        Encoded = ProviderHeaders.IsCoded(proxyResponse.Content.Headers);
        var (headers, content) = (proxyResponse.Headers, proxyResponse.Content.Headers);
        PartOrKept = content.Contains("Content-Range") || (headers.Contains("Age") && headers.Age != TimeSpan.Zero);
        RetryAfterSeconds = ProviderHeaders.RetryAfterSeconds(headers, time.GetUtcNow());
        var isNamed = proxyResponse.Headers.TryGetValues("Exchange-Id", out var named);
        Echoed = isNamed && named!.SequenceEqual([question.ExchangeId]);
        OfAnother = isNamed && !Echoed;
        if (Status != StatusCodes.Status200OK)
            await PassOverAsync(proxyResponse.Content, cancellationToken);
        if (Status != StatusCodes.Status200OK || Encoded)
            return false;
        TooLarge = proxyResponse.Content.Headers.ContentLength > question.MaxAnswerBytes;
        if (!TooLarge)
            await CaptureAsync(proxyResponse.Content, cancellationToken);
        return false;
    }

    /// <inheritdoc/>
    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext,
        HttpResponseMessage proxyResponse,
        CancellationToken cancellationToken
    ) => ValueTask.CompletedTask;

    private async ValueTask CaptureAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        await using (stream)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(
                (int)Math.Min(content.Headers.ContentLength + 1 ?? FirstBuffer, question.MaxAnswerBytes + 1)
            );
            while (true)
            {
                if (Length == _buffer.Length)
                    Grow();
                var read = await stream.ReadAsync(_buffer.AsMemory(Length), cancellationToken);
                if (read == 0)
                    break;
                Length += read;
                if (Length <= question.MaxAnswerBytes)
                    continue;
                TooLarge = true;
                return;
            }
        }

        Complete = true;
    }

    // Nothing of an error's body is ever used: it may hold a stack trace or a person's data. It is read to its end where that is near, so
    // that the connection can carry another question; if not, the connection is closed.
    private async ValueTask PassOverAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > LongestRemark)
            return;
        var remark = ArrayPool<byte>.Shared.Rent(LongestRemark);
        try
        {
            using var brief = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            brief.CancelAfter(RemarkTime);
            await using var stream = await content.ReadAsStreamAsync(brief.Token);
            for (var (read, passed) = (1, 0); read > 0 && passed < LongestRemark; passed += read)
            {
                read = await stream.ReadAsync(remark, brief.Token);
                Complete = read == 0;
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status stands; only the connection is of no more use.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(remark, clearArray: true);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer!.Length * 2);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
