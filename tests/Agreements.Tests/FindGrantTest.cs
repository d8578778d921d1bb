namespace Agreements.Tests;

public sealed class FindGrantTest
{
    private static Registry Many(int count) =>
        Some.Registry(
            Enumerable
                .Range(0, count)
                .Select(i =>
                    Some.Agreement(
                        $"ANSS-{i}",
                        Some.Grant("one", "anss", "P1", [], "o.a.read", "o.b.read"),
                        Some.Grant("two", "menps", "P2", [], "o.a.read")
                    )
                )
        );

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public void A_lookup_finds_the_one_grant_and_allocates_nothing(int count)
    {
        var registry = Many(count);
        Assert.Equal("two", registry.FindGrant("ANSS-7", "menps", "P2", "o.a.read")!.Grant.Id);
        Assert.Equal("o.b.read", registry.FindGrant("ANSS-7", "anss", "P1", "o.b.read")!.Operation.Id);
        Assert.Null(registry.FindGrant("ANSS-7", "menps", "P2", "o.b.read"));
        Assert.Null(registry.FindGrant("ANSS-7", "anss", "P2", "o.a.read"));
        Assert.Null(registry.FindGrant("ANSS-x", "anss", "P1", "o.a.read"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            registry.FindGrant("ANSS-7", "anss", "P1", "o.a.read");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_agreements_of_a_consumer_come_in_order_and_are_only_its_own()
    {
        var registry = Some.Registry([
            Some.Agreement("B", Some.Grant("g", "anss", "P1", [], "o.a.read"), Some.Grant("h", "anss", "P2", [], "o.a.read")),
            Some.Agreement("A", Some.Grant("g", "anss", "P1", [], "o.a.read")),
            Some.Agreement("C", Some.Grant("g", "menps", "P1", [], "o.a.read")),
        ]);
        Assert.Equal(["A", "B"], registry.AgreementsOf("anss").Select(agreement => agreement.Id));
        Assert.Empty(registry.AgreementsOf("nobody"));
    }
}
