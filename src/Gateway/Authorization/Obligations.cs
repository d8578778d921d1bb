using System.Collections.Immutable;
using Agreements;

namespace Gateway.Authorization;

/// <summary>What a permit obliges the gateway to.</summary>
/// <param name="Sources">Sources to ask, in order; empty when the answer must be NOT_FOUND without asking anybody.</param>
/// <param name="Deadline">Time for the whole exchange.</param>
/// <param name="MaxAnswerBytes">Largest answer of one source.</param>
/// <param name="Gate">What the dossier gate said: <c>open</c>, <c>none</c>, or null where the grant has no gate.</param>
/// <param name="HiddenRule">The rule that refused the person while the caller may only see NOT_FOUND; null otherwise.</param>
internal sealed record Obligations(ImmutableArray<Source> Sources, TimeSpan Deadline, int MaxAnswerBytes, string? Gate, string? HiddenRule);
