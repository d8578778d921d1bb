using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sandbox.Institutions.Behaviors;

namespace Sandbox.Institutions;

/// <summary>
/// A stand-in institution on its own listener: mutual TLS 1.3, the questions it answers, its control page. Plays a
/// provider for newcomers, for the tests and for the benchmarks.
/// </summary>
public sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly StandInTls _tls;
    private readonly FrozenDictionary<string, StandInOperation> _operations;

    private StandIn(
        WebApplication host,
        StandInTls tls,
        StandInOptions options,
        FrozenDictionary<string, StandInOperation> operations,
        BehaviorSwitch behaviors,
        ReceivedCalls received
    )
    {
        this._host = host;
        this._tls = tls;
        this._operations = operations;
        Institution = options.Institution;
        Behaviors = behaviors;
        Received = received;
        var bound = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
        Address = new Uri($"https://localhost:{Port}");
    }

    /// <summary>Path of the base address of an institution's JSON interface.</summary>
    public const string BasePath = "/exchange";

    /// <summary>Institution id.</summary>
    public string Institution { get; }

    /// <summary>Port that is listened on.</summary>
    public int Port { get; }

    /// <summary>Address on this machine, without trailing path.</summary>
    public Uri Address { get; }

    /// <summary>Behaviors that are switched on.</summary>
    public BehaviorSwitch Behaviors { get; }

    /// <summary>Calls that were received.</summary>
    public ReceivedCalls Received { get; }

    /// <summary>Starts listening.</summary>
    /// <param name="options">Listener and trust.</param>
    /// <param name="operations">Questions that it answers.</param>
    /// <param name="clock">Time.</param>
    public static async Task<StandIn> StartAsync(StandInOptions options, IEnumerable<StandInOperation> operations, TimeProvider clock)
    {
        if (options.RequireAssertion && options.AssertionKey is null)
            throw new ArgumentException("An assertion is demanded, but no key to verify it was given.", nameof(options));
        var behaviors = new BehaviorSwitch();
        var received = new ReceivedCalls(options.Remember);
        var control = new ControlPage(behaviors, received);
        var transport = new StandInTls(options.Certificate, options.GatewayAuthority);
        var byPath = operations.ToFrozenDictionary(o => o.Path, StringComparer.Ordinal);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options, transport));
        var web = builder.Build();
        StandInCalls? calls = null;
        web.Run(context => ControlPage.Owns(context.Request.Path) ? control.Handle(context) : calls?.Handle(context) ?? TooEarly(context));
        // The audience of the assertions holds the port, which is known only once the listener is bound.
        await web.StartAsync();
        var standIn = new StandIn(web, transport, options, byPath, behaviors, received);
        var audience = options.BaseAddress ?? standIn.Address.GetLeftPart(UriPartial.Authority);
        var assertions = options.RequireAssertion ? new AssertionCheck(options.AssertionKey!, audience, clock) : null;
        calls = new StandInCalls(byPath, assertions, behaviors, received, clock);
        return standIn;
    }

    /// <summary>
    /// What the institution knows, asked in this process without certificate or assertion: for showing it beside what left.
    /// </summary>
    /// <param name="path">Path of the question, below the base address.</param>
    /// <param name="body">Question in the institution's own scheme.</param>
    public string Tell(string path, string body)
    {
        var output = new ArrayBufferWriter<byte>();
        _operations[path].Answer(Encoding.UTF8.GetBytes(body), BehaviorMode.Normal, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Stops listening: from then on connections are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
            await _host.StopAsync(impatient.Token);
        await _host.DisposeAsync();
        _tls.Dispose();
    }

    private static Task TooEarly(HttpContext context)
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static void Listen(KestrelServerOptions kestrel, StandInOptions options, StandInTls tls)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 8 << 20;
        kestrel.Limits.MinResponseDataRate = null; // trickle is a behavior here
        void Secure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(tls.Options());
        }
        if (options.AnyAddress)
            kestrel.ListenAnyIP(options.Port, Secure);
        else if (options.Port == 0)
            kestrel.Listen(IPAddress.Loopback, 0, Secure);
        else
            kestrel.ListenLocalhost(options.Port, Secure);
    }
}
