using System.Reflection;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Flow;

public sealed class RefusalCodesTest
{
    // Codes of operations that no contract offers yet, and of states that only they can reach.
    private static readonly string[] NotReachableYet =
    [
        "not-acceptable", "agreement-choice-required", "operation-disabled", "consent-required", "office-not-allowed",
        "institution-out-of-scope", "population-out-of-scope", "cursor-invalid", "cursor-expired", "idempotency-in-progress", "state-conflict", "contest-window-closed",
        "batch-limit-reached", "provider-closed", "disclosure-control-failed", "overloaded", "internal-fault", "duplicate-reference",
    ];

    [Fact]
    public void Every_refusal_that_can_happen_is_provoked_over_http_by_a_test()
    {
        var provoked = typeof(RefusalCodesTest).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetCustomAttributes<ProvokesAttribute>())
            .SelectMany(static attribute => attribute.Codes)
            .ToHashSet(StringComparer.Ordinal);
        var unprovoked = Problem.ByCode.Keys.Except(provoked, StringComparer.Ordinal).Except(NotReachableYet, StringComparer.Ordinal);
        Assert.Equal([], unprovoked);
        Assert.Equal([], provoked.Except(Problem.ByCode.Keys, StringComparer.Ordinal));
    }
}
