using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Agreements.Contracts;
using Gateway.Audit;
using Gateway.Authorization;
using Ledger;

namespace Gateway.Declarations;

/// <summary>One call with declarations, on its way.</summary>
/// <param name="entitlement">What the caller may declare.</param>
/// <param name="facts">What is known about the call.</param>
/// <param name="key">Its idempotency key.</param>
/// <param name="body">Its body.</param>
internal sealed class DeclarationCall(Entitlement entitlement, ExchangeFacts facts, Guid key, ReadOnlyMemory<byte> body)
{
    /// <summary>What the caller may declare.</summary>
    public Entitlement Entitlement { get; } = entitlement;
    /// <summary>What is known about the call.</summary>
    public ExchangeFacts Facts { get; } = facts;
    /// <summary>Institution, operation and key, hashed: where the answer is kept (exchanges page, section 1.12).</summary>
    public byte[] Scope { get; } = SHA256.HashData(Encoding.UTF8.GetBytes($"{entitlement.Caller.Institution.Id}\n{entitlement.Operation.Id}\n{key:D}"));
    /// <summary>SHA-256 of the body.</summary>
    public byte[] Asked { get; } = SHA256.HashData(body.Span);
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
