using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>What a stranger leaves unfinished, or sends broken, is no error of the program and writes no line.</summary>
public sealed class CallersWhoBreakOffTests
{
    private static readonly TestPki Pki = new();

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\nfew bytes", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nZZ\r\nbroken", "400")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nab", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "400")]
    [InlineData("Content-Length: 100000\r\n\r\nab", "413")]
    [InlineData("Content-Length: -1\r\n\r\n", "400")]
    [InlineData("X : y\r\n\r\n", "400")]
    public async Task A_body_that_ends_or_breaks_in_the_middle_is_counted_and_nothing_more(string rest, string status)
    {
        var (lines, ended) = (new LogLines(), new TaskCompletionSource());
        var authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["partners"] = [Pki.Root] };
        var snapshot = new TlsSnapshot(Pki.Server(), intermediates: null, new ClientTrust { Authorities = authorities });
        var gate = new WireGateOptions { Route = static _ => null, Refuse = static (_, _) => Task.CompletedTask };
        await using (var host = await TlsHost.Start(snapshot, answer: ReadAll, configure: app => app.UseWireGate(gate), logs: lines))
        {
            await using var stream = await host.Connect(static options => options.ClientCertificates = [Pki.Leaf()]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /x HTTP/1.1\r\nHost: localhost\r\n" + rest));
            if (status.Length == 0)
            {
                stream.Close();
                await ended.Task;
            }
            else
            {
                var buffer = new byte[64];
                var read = await stream.ReadAsync(buffer);
                Assert.StartsWith("HTTP/1.1 " + status, Encoding.ASCII.GetString(buffer.AsSpan(0, read)), StringComparison.Ordinal);
            }
        }

        Assert.Empty(lines.Bad); // the host has stopped: nothing more can come

        async Task ReadAll(HttpContext context)
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            }
            finally
            {
                ended.TrySetResult();
            }
        }
    }
}
