using System.Security.Cryptography;
using Ledger.Tests.Crash;
using Verifier;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>
/// T1 with everything between a client and the disk (TH-23): the gateway program, killed at random moments under 64 callers over mutual
/// TLS, started again on the same folder, and what the clients hold compared with its log.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class KilledGatewayTests
{
    private const int CallersAtOnce = 64;
    private static readonly TimeSpan TokenUse = TimeSpan.FromMinutes(3),
        Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task No_answer_that_a_client_holds_is_missing_when_the_whole_gateway_is_killed_at_random_moments()
    {
        var rounds = Extent.Of("GATEWAY", 8, 100);
        await using var town = await ApartTown.StartAsync();
        var right = town.File.Clients.First(static client => client is { Id: "anss-eligibility", Purpose: "ASD_SCHOOLING" });
        var answers = new KeptAnswers();
        using var callers = new Callers(town.File, right, answers);
        using var stop = new CancellationTokenSource();
        var (token, since) = (await Token(), TimeProvider.System.GetTimestamp());
        callers.Open(token);
        var work = Enumerable.Range(0, CallersAtOnce).Select(caller => callers.RunAsync(caller, int.MaxValue, stop.Token)).ToList();
        var (checkpoints, compared) = (new List<string>(), 0);
        for (var round = 1; round <= rounds; round++)
        {
            await UntilReceipts(answers, answers.Receipts + RandomNumberGenerator.GetInt32(1, 250), work);
            await Task.Delay(RandomNumberGenerator.GetInt32(60));
            Assert.Equal(137, await town.KillGatewayAsync());
            await callers.CloseAsync();
            if (Note(town) is { } note)
                checkpoints.Add(note);
            await town.StartGatewayAsync();
            if (TimeProvider.System.GetElapsedTime(since) > TokenUse)
                (token, since) = (await Token(), TimeProvider.System.GetTimestamp());
            compared = await MustAgree(town, answers, compared, checkpoints, round);
            callers.Open(token);
            Extent.Progress("T1", "SIGKILL of the whole gateway", round, rounds);
        }

        await UntilReceipts(answers, answers.Receipts + 1, work);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await MustAgree(town, answers, compared, checkpoints, rounds);
        Assert.True(answers.ByStatus.Keys.Order().SequenceEqual([200, 400, 403]), string.Join(' ', answers.ByStatus.Keys));
        Extent.Passed(
            "T1",
            "SIGKILL of the whole gateway, 64 callers over mTLS",
            rounds,
            answers.Receipts,
            $"{answers.Lost} answers lost on the way"
        );

        Task<string> Token() => town.TokenAsync(callers.Partner, right.Scopes[0]);
    }

    /// <summary>Compares what clients hold by now; what they get while this looks is compared next time.</summary>
    private static async Task<int> MustAgree(ApartTown town, KeptAnswers answers, int compared, List<string> checkpoints, int round)
    {
        var receipts = answers.Receipts;
        var log = town.File.Ledger.Directory;
        await town.PublishedAsync(answers.Size);
        var unclaimed = answers.MustAgreeWith(log, town.Policy, town.CaseOf, compared);
        Assert.True(unclaimed <= CallersAtOnce * round, $"{unclaimed} records without receipt after {round} deaths");
        // Each of the two kinds of refusals was counting its second, and may have been sealing the one before; so it is now.
        var uncounted = answers.Uncounted(log, town.Policy);
        Assert.True(uncounted <= 4 * (round + 1), $"{uncounted} counts of refusals are lost after {round} deaths");
        var result = new LogCheck(town.Policy) { Old = checkpoints }.Run(log);
        Assert.True(result.Holds, result.Sentence);
        return receipts;
    }

    private static async Task UntilReceipts(KeptAnswers answers, int number, List<Task> work)
    {
        for (var began = TimeProvider.System.GetTimestamp(); answers.Receipts < number;)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < Patience,
                $"no receipts come: {answers.Receipts} of {number}, {answers.Unsealed} answers that nothing can be sealed, {answers.Lost} lost"
            );
            if (work.Find(static one => one.IsFaulted) is { } failed)
                await failed;
            await Task.Delay(5);
        }
    }

    private static string? Note(ApartTown town)
    {
        var file = Path.Combine(town.File.Ledger.Directory, "checkpoint");
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }
}
