using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ledger;
using Sandbox.Deployment;
using Sandbox.Persons;

namespace Sandbox.Tests.Apart;

/// <summary>One question that a caller may put.</summary>
/// <param name="Path">Path.</param>
/// <param name="Body">Body.</param>
internal sealed record SomeQuestion(string Path, string Body)
{
    private const string Enrolments = "/education/v1/school-enrolments/query";

    /// <summary>Mixed: three are answered, two refused, each in its own room. None is a miss: those have a budget.</summary>
    public static SomeQuestion Of(SandboxFile town, int number) =>
        (number % 5) switch
        {
            0 => About(town, Fixtures.DroppedOut),
            1 => new(
                Enrolments,
                JsonSerializer.Serialize(
                    new
                    {
                        subject = new { scheme = "idcs", value = Fixtures.PlainChild },
                        schoolYear = town.SchoolYear,
                        surprise = number,
                    }
                )
            ),
            2 => About(town, Fixtures.NoDossier),
            3 => About(town, Fixtures.NotEnrolled),
            _ => About(town, Fixtures.PlainChild),
        };

    private static SomeQuestion About(SandboxFile town, string idcs) =>
        new(Enrolments, JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = idcs }, schoolYear = town.SchoolYear }));
}

/// <summary>Clients that ask without a pause and keep what they get. They wait while the gateway is known to be away.</summary>
internal sealed class Callers(SandboxFile town, ClientEntry right, KeptAnswers answers) : IDisposable
{
    private readonly Partner _partner = new(town, right);
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _token = "";
    private int _asking;

    public Partner Partner => _partner;

    /// <summary>Lets the callers ask, with this token.</summary>
    public void Open(string with)
    {
        _token = with;
        Volatile.Read(ref _open).TrySetResult();
    }

    /// <summary>Keeps the callers from asking anew, and waits until each of them has written down what it got.</summary>
    public async Task CloseAsync()
    {
        Interlocked.Exchange(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        while (Interlocked.CompareExchange(ref _asking, 0, 0) > 0)
            await Task.Delay(5);
    }

    /// <summary>Asks until cancelled, or <paramref name="most"/> times.</summary>
    public async Task RunAsync(int caller, int most, CancellationToken stop)
    {
        for (var number = 0; number < most && !stop.IsCancellationRequested;)
        {
            Interlocked.Increment(ref _asking);
            var gate = Volatile.Read(ref _open).Task;
            try
            {
                if (gate.IsCompleted)
                    await AskAsync(FormattableString.Invariant($"case-{caller:x2}-{number:x6}"), SomeQuestion.Of(town, number++ + caller));
            }
            finally
            {
                Interlocked.Decrement(ref _asking);
            }

            if (!gate.IsCompleted)
                await gate.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _partner.Dispose();

    private async Task AskAsync(string reference, SomeQuestion question)
    {
        var bytes = Encoding.UTF8.GetBytes(question.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.Gateway + question.Path))
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.Add("Case-Reference", reference);
        try
        {
            using var response = await _partner.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.Headers.TryGetValues(ReceiptHeader.Name, out var values))
            {
                answers.Keep(
                    new KeptAnswer(
                        right.Institution,
                        reference,
                        (int)response.StatusCode,
                        bytes,
                        await BodyAsync(response),
                        values.Single()
                    )
                );
                return;
            }

            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
            {
                using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
                answers.Share(problem.RootElement.GetProperty("instance").GetString()!);
                return;
            }

            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                throw new InvalidOperationException(
                    $"an answer {(int)response.StatusCode} without receipt: {await response.Content.ReadAsStringAsync()}"
                );
            answers.Refused();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            answers.Lose(right.Institution, reference);
            await Task.Delay(20); // it is dying, or dead and nobody has said so yet
        }
    }

    /// <summary>The body, null when it broke off: the receipt in the headers stands all the same.</summary>
    private static async Task<byte[]?> BodyAsync(HttpResponseMessage response)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
