using System.Reflection;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Flow;

public sealed class RefusalCodesTest
{
    // Codes of operations that no contract offers yet (care, cursors, reviews, indicators), of races too short to provoke, and of the
    // token endpoint, where its own tests provoke it.
    private static readonly string[] NotReachableYet =
    [
        "office-not-allowed",
        "institution-out-of-scope",
        "cursor-invalid",
        "cursor-expired",
        "idempotency-in-progress",
        "contest-window-closed",
        "disclosure-control-failed",
        "agreement-choice-required",
    ];

    [Fact]
    public void Every_refusal_that_can_happen_is_provoked_over_http_by_a_test()
    {
        var provoked = typeof(RefusalCodesTest)
            .Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetCustomAttributes<ProvokesAttribute>())
            .SelectMany(static attribute => attribute.Codes)
            .ToHashSet(StringComparer.Ordinal);
        var unprovoked = Problem.ByCode.Keys.Except(provoked, StringComparer.Ordinal).Except(NotReachableYet, StringComparer.Ordinal);
        Assert.Equal([], unprovoked);
        Assert.Equal([], provoked.Except(Problem.ByCode.Keys, StringComparer.Ordinal));
    }
}
