using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Sandbox.Institutions.Behaviors;

/// <summary>How a stand-in behaves (exchanges page, section 14). Written in kebab case on the control page.</summary>
public enum BehaviorMode
{
    /// <summary>Answers as it should.</summary>
    Normal,

    /// <summary>Answers after a delay, six seconds unless stated.</summary>
    Slow,

    /// <summary>Sends one byte a second.</summary>
    Trickle,

    /// <summary>Resets the connection before answering.</summary>
    Down,

    /// <summary>Resets the connection in the middle of the body.</summary>
    ResetMidBody,

    /// <summary>429 with <c>Retry-After</c>.</summary>
    Busy,

    /// <summary>401, as if the gateway were unknown.</summary>
    Refuse,

    /// <summary>500 with a stack trace in the body.</summary>
    Error,

    /// <summary>404 for persons that it does not know.</summary>
    [JsonStringEnumMemberName("not-found-404")]
    NotFound404,

    /// <summary>300 members that no contract declares.</summary>
    ExtraFields,

    /// <summary>Declared members with values of another type.</summary>
    WrongType,

    /// <summary>A page of HTML under a JSON content type.</summary>
    NotJson,

    /// <summary>The same member twice.</summary>
    DuplicateMember,

    /// <summary>Bytes that are not UTF-8 inside a string.</summary>
    BadUtf8,

    /// <summary>A body of two megabytes.</summary>
    TooLarge,

    /// <summary>Ten megabytes in a few kilobytes of gzip.</summary>
    GzipBomb,

    /// <summary>An answer about another person.</summary>
    WrongSubject,

    /// <summary>Negatives are not settled yet: <c>PENDING</c> with the source's own date.</summary>
    PendingSeason,

    /// <summary>Data that is 30 days old.</summary>
    Stale,

    /// <summary>Does what was asked, then resets the connection.</summary>
    LostWrite,

    /// <summary>503: closed. The gateway should know the window and not call at all.</summary>
    Maintenance,

    /// <summary>JSON that ends too early.</summary>
    Cut,

    /// <summary>The answer with everything else that the register knows: names, grades, marks, the whole Patient.</summary>
    Generous,

    /// <summary>FHIR: <c>modifierExtension</c> in every resource.</summary>
    ModifierExtension,

    /// <summary>Takes the question and never answers.</summary>
    Silent,

    /// <summary>Answers for the school year before the one that was asked about.</summary>
    AnotherYear,

    /// <summary>Data of the year 2099.</summary>
    FutureAsOf,

    /// <summary>A status that begins in the year 2099.</summary>
    FutureSince,

    /// <summary>A Bundle that counts more matches than it has.</summary>
    PartialBundle,
}

/// <summary>A behavior switched on for an operation.</summary>
/// <param name="Mode">Mode.</param>
/// <param name="Delay">Delay of <see cref="BehaviorMode.Slow"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Behavior(BehaviorMode Mode, TimeSpan Delay)
{
    /// <summary>Six seconds: one more than the gateway waits for a source.</summary>
    public static TimeSpan UsualDelay { get; } = TimeSpan.FromSeconds(6);

    /// <summary>As it should be.</summary>
    public static Behavior Normal { get; } = new(BehaviorMode.Normal, TimeSpan.Zero);

    /// <summary>A mode with its usual delay.</summary>
    public static Behavior Of(BehaviorMode mode) => new(mode, UsualDelay);
}
