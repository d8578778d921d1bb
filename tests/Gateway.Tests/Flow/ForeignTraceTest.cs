using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>What a caller writes into the headers of tracing reaches no line of a log, no scope of one and no record.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ForeignTraceTest : IAsyncLifetime
{
    // A number in hexadecimal digits that no check recognizes, and the person's own.
    private static readonly string[] Chosen =
    [
        "ab123456" + "ab123456" + "ab123456" + "ab123456",
        Fixtures.PlainChild + Fixtures.PlainChild + Fixtures.PlainChild + "26",
    ];
    private readonly ConcurrentQueue<string> _said = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Logging = logging =>
                {
                    logging.AddProvider(new Everything(_said));
                    logging.SetMinimumLevel(LogLevel.Trace);
                    logging.AddFilter(static _ => true);
                },
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task Traceparent_tracestate_and_baggage_are_taken_over_by_nobody()
    {
        foreach (var trace in Chosen)
        {
            var reply = await _town.Post(
                Ask.Enrolments,
                Ask.Question(_town, Fixtures.PlainChild),
                purpose: "ASD_SCHOOLING",
                with: request =>
                {
                    request.Headers.Add("traceparent", $"00-{trace}-{trace[..16]}-01");
                    request.Headers.Add("tracestate", "anss=" + trace);
                    request.Headers.Add("baggage", "person=" + trace);
                }
            );
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            var record = await reply.Record();
            Assert.Equal(32, record.GetProperty("trace").GetString()!.Length);
            Assert.DoesNotContain(trace, record.ToString(), StringComparison.Ordinal);
            // At the token server too, as a stranger.
            var http = _town.ClientAs("anss-eligibility");
            using var asked = new HttpRequestMessage(HttpMethod.Post, new Uri(_town.File.TokenEndpoint))
            {
                Content = new FormUrlEncodedContent([]),
            };
            asked.Headers.Add("traceparent", $"00-{trace}-{trace[..16]}-01");
            asked.Headers.Add("tracestate", "anss=" + trace);
            (await http.SendAsync(asked)).Dispose();
        }

        Assert.NotEmpty(_said);
        Assert.DoesNotContain(_said, static line => Chosen.Any(chosen => line.Contains(chosen[..16], StringComparison.Ordinal)));
    }

    /// <summary>Keeps all that is said, with the scopes and the trace that it is said under.</summary>
    private sealed class Everything(ConcurrentQueue<string> said) : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider? _scopes;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var activity = System.Diagnostics.Activity.Current;
            var text = new System.Text.StringBuilder(formatter(state, exception))
                .Append(activity?.TraceId.ToString())
                .Append(activity?.ParentId)
                .Append(activity?.TraceStateString);
            foreach (var pair in activity?.Baggage ?? [])
                text.Append(pair.Value);
            // What the server tells of headers while it is debugged is no log of ours.
            _scopes?.ForEachScope(
                static (scope, all) =>
                    all.Append(scope is IEnumerable<KeyValuePair<string, object?>> members ? string.Join(',', members) : scope),
                text
            );
            said.Enqueue(text.ToString());
        }

        public void Dispose() { }
    }
}
