using System.Collections.Immutable;
using Agreements;
using Gateway.Requests;

namespace Gateway.Minimization;

/// <summary>
/// What reading a source's answer and writing the disclosure depend on, beside the compiled release list: who was asked about
/// whom, when, and under which terms of the grant and of the provider's file.
/// </summary>
public sealed record ReleaseTerms
{
    /// <summary>Code of the source asked, for example <c>MENPS-MASSAR</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Institution id of the provider, named in refusals.</summary>
    public required string Provider { get; init; }

    /// <summary>The person as sent to the provider: its echo must equal it.</summary>
    public required DataSubject Sent { get; init; }

    /// <summary>The person as the caller used it: FHIR answers name the person so.</summary>
    public required DataSubject Asked { get; init; }

    /// <summary>The question as it was sent: an answer that states a part of it must state the same; null compares nothing.</summary>
    public AccessRequest? Question { get; init; }

    /// <summary>Time of the call; of an answer, when it arrived.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Civil day of the call in Africa/Casablanca.</summary>
    public required DateOnly Today { get; init; }

    /// <summary>Date from which this source's negatives are reliable for the school year asked about; null without season.</summary>
    public DateOnly? ReliableFrom { get; init; }

    /// <summary>Age beyond which data is stale; null when the grant does not say.</summary>
    public TimeSpan? Freshness { get; init; }

    /// <summary>Largest answer of one source, bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 65536;

    /// <summary>The provider's file makes an undeclared member an invalid answer.</summary>
    public bool RefuseUndeclared { get; init; }

    /// <summary>The request's own narrower list of paths; empty asks for all that is released.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>Language of outcome texts (FHIR): fr, ar or en.</summary>
    public string Language { get; init; } = Problems.Languages.Default;

    /// <summary>The gateway's own base address without trailing slash, for <c>link.self</c> (FHIR).</summary>
    public string GatewayBase { get; init; } = "";

    /// <summary>The provider's FHIR terms; null for JSON.</summary>
    public FhirProvider? Fhir { get; init; }

    /// <summary>Line of a batch; null for a single answer.</summary>
    public AnswerLine? Line { get; init; }

    /// <summary>Contest of a reliable negative, made by the exchange when <see cref="CombinedAnswer.IsContestable"/>.</summary>
    public Contest? Contest { get; init; }

    /// <summary>
    /// Callers other than the agency read <c>asOf</c> of a NOT_FOUND at midnight, so that it does not tell a real one from
    /// one that was never asked (exchanges page, section 1.9).
    /// </summary>
    public bool NotFoundAtMidnight { get; init; }

    // How far a source's clock may be ahead of ours.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>Does an instant lie ahead of now by more than clocks differ? A source that speaks of it is at fault.</summary>
    public bool IsAhead(DateTimeOffset instant) => instant > Now + Skew;

    /// <summary>The same for a civil day.</summary>
    public bool IsAhead(DateOnly day) => day > CivilTime.DateOf(Now + Skew);
}

/// <summary>A line of a batch.</summary>
/// <param name="Reference">The caller's reference, unique in the batch.</param>
/// <param name="ExchangeId">The line's own exchange id, by which its record is found.</param>
public sealed record AnswerLine(string Reference, string ExchangeId);

/// <summary>What a reliable negative carries so that it can be contested (exchanges page, section 1.10).</summary>
/// <param name="ReviewPath">Path of the operation that opens a review.</param>
/// <param name="OpenUntil">Last day.</param>
/// <param name="Ticket">Opaque proof that this negative was given.</param>
public sealed record Contest(string ReviewPath, DateOnly OpenUntil, string Ticket);
