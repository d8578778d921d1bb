using Gateway.Authorization;

namespace Gateway.Hiding;

/// <summary>
/// A question as a source sees it, by the process's own hashes: the same can be told from another, and nobody from it once the process has
/// ended.
/// </summary>
/// <param name="Person">Hash of the person.</param>
/// <param name="Question">Hash of what is asked about the person.</param>
internal readonly record struct RealQuestion(int Person, int Question)
{
    /// <summary>The question of a permit.</summary>
    public static RealQuestion Of(Permit permit) =>
        new(permit.Person.SectorToken.GetHashCode(StringComparison.Ordinal), permit.Request.Likeness);
}
