using System.Collections.Frozen;

namespace Agreements;

/// <summary>What covers a question: agreement, grant, and the operation with what it releases.</summary>
/// <param name="Agreement">Agreement at its version.</param>
/// <param name="Grant">The one grant for consumer, purpose and operation (exchanges page, section 16.3).</param>
/// <param name="Operation">Operation with its release.</param>
public sealed record GrantMatch(Agreement Agreement, Grant Grant, GrantedOperation Operation)
{
    internal static FrozenDictionary<GrantKey, GrantMatch> Index(IEnumerable<Agreement> agreements)
    {
        var index = new Dictionary<GrantKey, GrantMatch>();
        foreach (var agreement in agreements)
            foreach (var grant in agreement.Grants)
                foreach (var operation in grant.Operations)
                    index.TryAdd(
                        new GrantKey(agreement.Id, grant.Consumer, grant.Purpose, operation.Id),
                        new GrantMatch(agreement, grant, operation)
                    );
        return index.ToFrozenDictionary();
    }
}

internal readonly record struct GrantKey(string Agreement, string Consumer, string Purpose, string Operation);
