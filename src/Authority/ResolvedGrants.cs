using System.Collections.Concurrent;

namespace Authority;

/// <summary>
/// What a client of one registry version was granted before, by what it asked for and on which civil day. The decision is pure in exactly
/// these (<see cref="Agreements.GrantResolver"/>), so the same question has the same answer; a new registry version brings a new memory.
/// Refusals are not kept. Bounded. Thread-safe.
/// </summary>
internal sealed class ResolvedGrants
{
    private const int Most = 16;
    private const int LongestQuestion = 1024;
    private readonly ConcurrentDictionary<Question, Grant> _grants = new();

    /// <summary>The grant of this question; null when it is to be decided.</summary>
    internal Grant? Find(Question question) => _grants.GetValueOrDefault(question);

    /// <summary>
    /// Keeps a decision, unless its question is long. A client that asks ever new questions displaces its own and nobody else's.
    /// </summary>
    internal void Keep(Question question, Grant grant)
    {
        if ((question.Scope?.Length ?? 0) + (question.Details?.Length ?? 0) > LongestQuestion)
            return;
        if (_grants.Count >= Most)
            _grants.Clear();
        _grants[question] = grant;
    }

    /// <summary>All that a decision depends on beside the registry and the client.</summary>
    internal readonly record struct Question(string Resource, string? Scope, string? Details, DateOnly Today);
}
