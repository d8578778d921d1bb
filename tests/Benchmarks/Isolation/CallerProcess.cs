using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Benchmarks.Exchange;

namespace Benchmarks.Isolation;

/// <summary>What a process of callers is told.</summary>
/// <param name="Certificate">PEM of the client's certificate; its key stands in <paramref name="Key"/>.</param>
/// <param name="Key">PEM of the key.</param>
/// <param name="Ca">Whom the gateway's certificate comes from.</param>
/// <param name="Port">Port of the gateway.</param>
/// <param name="Token">Token of the client.</param>
/// <param name="Bodies">Questions, asked in turn.</param>
/// <param name="Callers">Callers that never rest, or questions a second of the honest client.</param>
/// <param name="Connections">Connections that they share.</param>
/// <param name="Seconds">How long the honest client is measured.</param>
internal sealed record CallerSettings(
    string Certificate,
    string Key,
    string Ca,
    int Port,
    string Token,
    byte[][] Bodies,
    int Callers,
    int Connections,
    double Seconds
);

/// <summary>
/// Callers in a process of their own: in one process the honest client would wait for its turn behind the crowd's callers before it
/// reached the gateway, and that wait is none of the gateway's. The crowd's process yields to all others on its core, since it stands
/// for another machine.
/// </summary>
internal static class CallerProcess
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    /// <summary>Starts one on a core.</summary>
    public static Process Start(string role, CallerSettings settings, string folder, int core)
    {
        var file = Path.Combine(folder, $"{role}-{Guid.NewGuid():N}.json");
        var mine = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(file, mine))
            JsonSerializer.Serialize(stream, settings);
        string[] run = ["-c", core.ToString(CultureInfo.InvariantCulture), Environment.ProcessPath!, role, file];
        var start = role == "crowd" ? new ProcessStartInfo("nice", ["-n", "10", "taskset", .. run]) : new ProcessStartInfo("taskset", run);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.UseShellExecute) = (true, true, false);
        return Process.Start(start)!;
    }

    /// <summary>The crowd: each line that it reads is answered with what was answered, refused and broken since the line before.</summary>
    public static async Task<int> CrowdAsync(string file)
    {
        var settings = await ReadAsync(file);
        using var client = Client(settings);
        // More callers than connections share these as streams.
        var version = settings.Callers > settings.Connections ? HttpVersion.Version20 : HttpVersion.Version11;
        var next = Questions(settings, version);
        var crowd = new Crowd(client, settings.Callers, next);
        using var stop = new CancellationTokenSource();
        var running = crowd.RunAsync(stop.Token);
        var (answered, refused, broken) = (0L, 0L, 0L);
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{crowd.Answered - answered} {crowd.Refused - refused} {crowd.Broken - broken}"
                )
            );
            (answered, refused, broken) = (crowd.Answered, crowd.Refused, crowd.Broken);
        }

        await stop.CancelAsync();
        await running;
        return 0;
    }

    /// <summary>The honest client: warms up, says so with a line, and ends with what it got.</summary>
    public static async Task<int> HonestAsync(string file)
    {
        var settings = await ReadAsync(file);
        using var client = Client(settings);
        var next = Questions(settings, HttpVersion.Version11);
        await Honest.AskAsync(client, next, settings.Callers, Settle);
        Console.WriteLine("warm");
        var got = await Honest.AskAsync(client, next, settings.Callers, TimeSpan.FromSeconds(settings.Seconds));
        Console.WriteLine(JsonSerializer.Serialize(got));
        return 0;
    }

    private static async Task<CallerSettings> ReadAsync(string file)
    {
        var settings = JsonSerializer.Deserialize<CallerSettings>(await File.ReadAllBytesAsync(file))!;
        File.Delete(file);
        return settings;
    }

    private static Func<HttpRequestMessage> Questions(CallerSettings settings, Version version)
    {
        var asked = 0;
        return () =>
        {
            var body = settings.Bodies[(uint)Interlocked.Increment(ref asked) % settings.Bodies.Length];
            var request = EnrolmentCaller.Request(settings.Port, body, settings.Token);
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
            return request;
        };
    }

    private static HttpMessageInvoker Client(CallerSettings settings)
    {
        var certificate = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
        return EnrolmentCaller.Client(certificate, settings.Ca, Math.Max(1, settings.Connections));
    }
}
