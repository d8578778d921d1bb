using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tokens.Transport;

/// <summary>
/// Refuses fields behind a body (RFC 9112, section 7.1.2; RFC 9113, section 8.1). They come after everything was decided from the headers,
/// whether a <c>Trailer</c> field announced them or not; whoever reads the body to its end meets a broken one. So does a body that the
/// server gives up in words of its own: none of these is a fault of the program, and none a caller who left.
/// </summary>
internal static class WireTrailers
{
    /// <summary>From now on trailers break the body of this request.</summary>
    internal static void Forbid(HttpContext context)
    {
        var request = context.Request;
        if (!MayHaveTrailers(context) || context.Features.Get<IHttpRequestTrailersFeature>() is not { } trailers)
            return;
        var reader = new Reader(request.BodyReader, trailers);
        context.Features.Set<IRequestBodyPipeFeature>(reader);
        request.Body = reader.AsStream();
        // The stream is the reader's now; what asks for a reader gets the same one.
        context.Features.Set<IRequestBodyPipeFeature>(reader);
    }

    private static bool MayHaveTrailers(HttpContext context) =>
        context.Request.Headers.TransferEncoding.Count > 0
        || (
            HttpProtocol.IsHttp2(context.Request.Protocol)
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        );

    private sealed class Reader(PipeReader body, IHttpRequestTrailersFeature trailers) : PipeReader, IRequestBodyPipeFeature
    {
        PipeReader IRequestBodyPipeFeature.Reader => this;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult read;
            try
            {
                read = await body.ReadAsync(cancellationToken);
            }
            catch (Exception fault) when (IsUnreadable(fault))
            {
                throw new BadHttpRequestException("a body that cannot be read", fault);
            }

            return IsSound(read) ? read : throw Broken(read);
        }

        public override bool TryRead([NotNullWhen(true)] out ReadResult result)
        {
            try
            {
                if (!body.TryRead(out result))
                    return false;
            }
            catch (Exception fault) when (IsUnreadable(fault))
            {
                throw new BadHttpRequestException("a body that cannot be read", fault);
            }

            return IsSound(result) ? true : throw Broken(result);
        }

        public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => body.CancelPendingRead();

        public override void Complete(Exception? exception = null) => body.Complete(exception);

        // A trailer that StrictHeaders does not decode, and the size of a chunk that no number holds: the server has no words of its own
        // for these two.
        private static bool IsUnreadable(Exception fault) =>
            fault
                is InvalidOperationException { InnerException: DecoderFallbackException }
                    or IOException { InnerException: OverflowException };

        private bool IsSound(ReadResult read) => !read.IsCompleted || !trailers.Available || trailers.Trailers.Count == 0;

        private BadHttpRequestException Broken(ReadResult read)
        {
            body.AdvanceTo(read.Buffer.End);
            return new BadHttpRequestException("trailers");
        }
    }
}
