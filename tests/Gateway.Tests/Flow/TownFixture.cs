using Gateway.Tests.Flow;
using Sandbox;
using Xunit;

[assembly: AssemblyFixture(typeof(TownFixture))]

namespace Gateway.Tests.Flow;

/// <summary>One town for all flow tests: authority, gateway and institutions on real mutual TLS, ledger in a temporary folder.</summary>
public sealed class TownFixture : IAsyncLifetime
{
    private Town? _town;

    public Town Town => _town ?? throw new InvalidOperationException("the town did not start");

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 2000,
                // Every test has connections of its own and keeps them, and some ask a hundred times at once; registered limits have tests
                // of their own (Admission).
                EditContracts = static contracts =>
                    Admission.Limits.Write(
                        contracts,
                        "institutions/anss.yaml",
                        "limits: { tokensPerMinute: 60, connections: 8, requestsPerSecond: 20 }",
                        Admission.Limits.Wide
                    ),
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                // Tests look at the record of every refusal, however fast they provoke them; floods have a town of their own (FloodTest).
                ConfigureGateway = static gateway => gateway.RefusalsSealedEach = int.MaxValue,
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();
}

/// <summary>The end of a town that a test class keeps.</summary>
internal static class TownEnd
{
    /// <summary>Ends it. Where the start failed there is nothing to end, and its fault is what the run tells.</summary>
    public static ValueTask EndAsync(this Town? town) => town?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Flow tests switch the behavior of shared institutions: one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneTown
{
    public const string Name = "one town";
}

/// <summary>
/// Names the refusal codes that a test provokes over HTTP; <see cref="RefusalCodesTest"/> holds the list against the closed one.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProvokesAttribute(params string[] codes) : Attribute
{
    public IReadOnlyList<string> Codes { get; } = codes;
}
