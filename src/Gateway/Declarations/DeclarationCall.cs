using System.Buffers;
using Agreements.Contracts;
using Gateway.Audit;
using Gateway.Authorization;
using Ledger;

namespace Gateway.Declarations;

/// <summary>One call with declarations, on its way.</summary>
/// <param name="entitlement">What the caller may declare.</param>
/// <param name="facts">What is known about the call.</param>
/// <param name="scope">Keyed digest of system, agreement, purpose, operation and idempotency key.</param>
/// <param name="asked">Keyed digest of the body.</param>
internal sealed class DeclarationCall(Entitlement entitlement, ExchangeFacts facts, byte[] scope, byte[] asked)
{
    /// <summary>What the caller may declare.</summary>
    public Entitlement Entitlement { get; } = entitlement;

    /// <summary>What is known about the call.</summary>
    public ExchangeFacts Facts { get; } = facts;

    /// <summary>Where its key is held and its answer kept: no other system's call ever meets it there.</summary>
    public byte[] Scope { get; } = scope;

    /// <summary>What was asked, to be compared with what comes again under the same key.</summary>
    public byte[] Asked { get; } = asked;

    /// <summary>Does it carry lines?</summary>
    public bool IsBatch { get; } = entitlement.Operation.Protocol == OperationProtocol.Lines;

    /// <summary>The declarations.</summary>
    public List<DeclarationLine> Lines { get; } = [];

    /// <summary>Id of the record that says what is about to be done.</summary>
    public string? Intent { get; set; }

    /// <summary>Answer so far.</summary>
    public ArrayBufferWriter<byte> Answer { get; } = new(256);
}

/// <summary>What a call with declarations is answered with.</summary>
/// <param name="Body">Body.</param>
/// <param name="IsBatch">Are they lines?</param>
/// <param name="Outcome">For the metrics.</param>
/// <param name="Receipt">Proof that its record is durable.</param>
internal sealed record DeclarationReply(ReadOnlyMemory<byte> Body, bool IsBatch, string Outcome, Receipt Receipt);
