using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ledger;
using Sandbox.Deployment;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>
/// Callers who ask about a known person until the day's quota of the agreement is used up, whatever becomes of the gateway meanwhile.
/// </summary>
internal sealed class DayCallers(SandboxFile town, ClientEntry right, string token) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Partner _partner = new(town, right);
    private readonly byte[] _question = JsonSerializer.SerializeToUtf8Bytes(
        new { subject = new { scheme = "idcs", value = Fixtures.PlainChild }, schoolYear = town.SchoolYear }
    );
    private int _answered,
        _lost;
    private long _last = TimeProvider.System.GetTimestamp();

    /// <summary>Answers that a caller holds.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Calls that were neither answered nor refused: the gateway was dying, or dead.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Asks until the day is used up.</summary>
    public async Task AskAsync()
    {
        while (true)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(Volatile.Read(ref _last)) < Patience,
                $"nobody is answered any more: {Answered} answers, {Lost} lost"
            );
            try
            {
                if (await RefusalAsync() is { IsForToday: true })
                    return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                Interlocked.Increment(ref _lost);
                // A gateway that starts needs the processor that hasty callers would take from it.
                await Task.Delay(20);
            }
        }
    }

    /// <summary>One call; its refusal, or null when it was answered or nothing can be answered now.</summary>
    public async Task<DayRefusal?> RefusalAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.Gateway + "/education/v1/school-enrolments/query"))
        {
            Content = new ByteArrayContent(_question),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _partner.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.OK)
        {
            Interlocked.Increment(ref _answered);
            Volatile.Write(ref _last, TimeProvider.System.GetTimestamp());
            return null;
        }

        if (response.StatusCode != HttpStatusCode.TooManyRequests)
        {
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)response.StatusCode}: {body}");
            await Task.Delay(20);
            return null;
        }

        // A second means that calls under way hold the rest: one of them may give it back.
        var isForToday = response.Headers.RetryAfter?.Delta > TimeSpan.FromSeconds(1);
        if (!isForToday)
            await Task.Delay(20);
        var size =
            response.Headers.TryGetValues(ReceiptHeader.Name, out var values) && ReceiptHeader.TryParse(values.Single(), out var receipt)
                ? receipt.Size
                : (long?)null;
        return new DayRefusal(isForToday, response.Headers.GetValues("RateLimit-Limit").Single(), size);
    }

    public void Dispose() => _partner.Dispose();
}

/// <summary>A refusal of the quota.</summary>
/// <param name="IsForToday">The day is used up; else only calls under way stand in the way.</param>
/// <param name="Limit">Size of the quota that refused.</param>
/// <param name="Size">Size of the log with the record of the refusal; null when it shares one that is sealed later.</param>
internal sealed record DayRefusal(bool IsForToday, string Limit, long? Size);
