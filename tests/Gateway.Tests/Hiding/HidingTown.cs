using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>
/// A town in which the education ministry may ask the higher-education ministry about persons of one province, and sees nobody else.
/// </summary>
public sealed partial class HidingTown : IAsyncDisposable
{
    public const string Client = "menps-school-support",
        Agreement = "MENPS-MESRI-2026-01";
    private string _token = "";
    private long? _issued;

    private HidingTown(Town town) => Town = town;

    public Town Town { get; }

    public BehaviorSwitch Source => Town["mesri"].Behaviors;

    /// <summary>Starts it.</summary>
    /// <param name="edit">Last words on the agreement.</param>
    /// <param name="provider">Last words on the higher-education ministry.</param>
    public static async Task<HidingTown> StartAsync(Func<string, string>? edit = null, Func<string, string>? provider = null)
    {
        var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                ConfigureGateway = static gateway =>
                {
                    gateway.RefusalsSealedEach = int.MaxValue;
                },
                EditContracts = contracts =>
                {
                    HiddenRefusalsTest.AddPartner(contracts);
                    var file = Path.Combine(contracts, "agreements", Agreement + ".yaml");
                    // The day's quota is the one that answers show: that of a person counts for each by itself.
                    var text = Quotas()
                        .Replace(
                            File.ReadAllText(file),
                            "    quotas: { perDay: 90000, burstPerSecond: 100000, missAllowance: 1000000, missesPerDay: 1000000, openBatches: 50 }"
                        );
                    File.WriteAllText(file, edit?.Invoke(text) ?? text);
                    if (provider is null)
                        return;
                    var institution = Path.Combine(contracts, "institutions", "mesri.yaml");
                    File.WriteAllText(institution, provider(File.ReadAllText(institution)));
                },
            }
        );
        return new HidingTown(town);
    }

    public Task<Reply> Ask(string person, CancellationToken cancellation = default) => Ask(person, Town.ClientAs(Client), cancellation);

    public async Task<Reply> Ask(string person, HttpClient client, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Town.File.Gateway + Flow.Ask.Enrolments))
        {
            Content = new StringContent(Flow.Ask.Question(Town, person), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", await Token());
        return await Reply.Of(Town, await client.SendAsync(request, cancellation));
    }

    /// <summary>Waits until the shares of calls that were given up have been given back: a call takes one then, and only one.</summary>
    public async Task Settled()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var first = Remaining(await Ask(Fixtures.UnknownChild));
            var second = Remaining(await Ask(Fixtures.UnknownChild));
            if (first - second == 1 && second - Remaining(await Ask(Fixtures.UnknownChild)) == 1)
                return;
            await Task.Delay(100);
        }
    }

    // A token lives for five minutes; a crowded machine needs longer for all the tests.
    private async Task<string> Token()
    {
        if (_issued is { } issued && Stopwatch.GetElapsedTime(issued) < TimeSpan.FromMinutes(2))
            return _token;
        _token = await Town.TokenFor(Client, "ASD_SCHOOLING", Agreement, "education.school-enrolment.read");
        _issued = Stopwatch.GetTimestamp();
        return _token;
    }

    /// <summary>
    /// Everything of a reply that does not differ between two calls about the same person: two persons are alike when these are equal.
    /// </summary>
    public static string Shown(Reply reply)
    {
        var body = JsonNode.Parse(reply.Bytes)!.AsObject();
        if (body.ContainsKey("instance"))
            body["instance"] = "";
        string[] changing = ["Date", "Audit-Receipt", "RateLimit-Remaining", "RateLimit-Reset"];
        var headers = reply
            .Response.Headers.Concat(reply.Response.Content.Headers)
            .OrderBy(static header => header.Key, StringComparer.Ordinal)
            .Select(header =>
                changing.Contains(header.Key, StringComparer.OrdinalIgnoreCase)
                    ? header.Key
                    : $"{header.Key}: {string.Join(',', header.Value)}"
            );
        return $"{(int)reply.Status} {body.ToJsonString()} {string.Join(" | ", headers)}";
    }

    public static int Remaining(Reply reply) => int.Parse(reply.Header("RateLimit-Remaining")!, CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => Town.DisposeAsync();

    [GeneratedRegex("(?m)^ {4}quotas: .*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quotas();
}

/// <summary>One such town for a class of tests.</summary>
public sealed class HidingFixture : IAsyncLifetime
{
    public HidingTown Town { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Town = await HidingTown.StartAsync();

    public ValueTask DisposeAsync() => Town?.DisposeAsync() ?? ValueTask.CompletedTask;
}
