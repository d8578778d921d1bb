using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tokens.Transport;

/// <summary>
/// Refuses fields behind a chunked body (RFC 9112, section 7.1.2). They come after everything was decided from the headers, whether a
/// <c>Trailer</c> field announced them or not; whoever reads the body to its end meets a broken one.
/// </summary>
internal static class WireTrailers
{
    /// <summary>From now on trailers break the body of this request.</summary>
    internal static void Forbid(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.TransferEncoding.Count == 0 || context.Features.Get<IHttpRequestTrailersFeature>() is not { } trailers) return;
        var reader = new Reader(request.BodyReader, trailers);
        context.Features.Set<IRequestBodyPipeFeature>(reader);
        request.Body = reader.AsStream();
        // The stream is the reader's now; what asks for a reader gets the same one.
        context.Features.Set<IRequestBodyPipeFeature>(reader);
    }

    private sealed class Reader(PipeReader body, IHttpRequestTrailersFeature trailers) : PipeReader, IRequestBodyPipeFeature
    {
        PipeReader IRequestBodyPipeFeature.Reader => this;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(cancellationToken);
            return IsSound(read) ? read : throw Broken(read);
        }

        public override bool TryRead([NotNullWhen(true)] out ReadResult result)
        {
            if (!body.TryRead(out result)) return false;
            return IsSound(result) ? true : throw Broken(result);
        }

        public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => body.CancelPendingRead();

        public override void Complete(Exception? exception = null) => body.Complete(exception);

        private bool IsSound(ReadResult read) => !read.IsCompleted || !trailers.Available || trailers.Trailers.Count == 0;

        private BadHttpRequestException Broken(ReadResult read)
        {
            body.AdvanceTo(read.Buffer.End);
            return new BadHttpRequestException("trailers");
        }
    }
}
