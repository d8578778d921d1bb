using System.Buffers;
using System.Runtime.InteropServices;
using Sandbox.Institutions.Behaviors;

namespace Sandbox.Institutions;

/// <summary>What became of a question.</summary>
/// <param name="Status">HTTP status: 200 with the answer in the buffer, or 400 when the question cannot be read.</param>
/// <param name="Person">Behavior that this person always causes.</param>
/// <param name="IsUnknown">The institution does not know the person.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Told(int Status, BehaviorMode Person, bool IsUnknown)
{
    /// <summary>The question does not match the contract between gateway and provider.</summary>
    public static Told Unreadable { get; } = new(400, BehaviorMode.Normal, false);
}

/// <summary>One question that a stand-in answers.</summary>
/// <param name="id">Operation id, which the assertion must name.</param>
/// <param name="path">Path below the base address.</param>
public abstract class StandInOperation(string id, string path)
{
    /// <summary>Operation id, for example <c>education.school-enrolment.read</c>.</summary>
    public string Id { get; } = id;

    /// <summary>Path below the base address.</summary>
    public string Path { get; } = path;

    /// <summary>Other operation ids under which the question may come: a chunk is asked by the batch operation.</summary>
    public virtual bool Accepts(string operation) => operation == Id;

    /// <summary>Media type of the answer.</summary>
    public virtual string AnswerType => "application/json";

    /// <summary>Member that holds the answer object.</summary>
    public virtual string AnswerMember => "entry";

    /// <summary>The person that <see cref="BehaviorMode.WrongSubject"/> answers about, in this operation's scheme.</summary>
    public abstract string AnotherPerson { get; }

    /// <summary>Reads the question and writes the right answer.</summary>
    /// <param name="body">Body as it came.</param>
    /// <param name="mode">Mode switched on: some change what is true (<see cref="BehaviorMode.Stale"/>,
    /// <see cref="BehaviorMode.PendingSeason"/>).</param>
    /// <param name="output">Where the answer goes.</param>
    public abstract Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output);
}
