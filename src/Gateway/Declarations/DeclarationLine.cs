using Gateway.Authorization.Dossiers;
using Gateway.Requests;

namespace Gateway.Declarations;

/// <summary>One declaration as it was sent, or why it is none.</summary>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Reference">The caller's reference; <c>line:17</c> for a line without a sound one; empty for a single declaration.</param>
/// <param name="Content">The declaration.</param>
internal sealed record DeclarationLine(int Number, string Reference, Verdict<DeclarationContent> Content)
{
    /// <summary>Its bytes.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The same line as another law reads it; what it was refused for when it was handed in stays refused.</summary>
    public DeclarationLine Under(DeclarationReader reader) => Content.Refusal is null ? reader.Read(Text, Number) : this;
}

/// <summary>What is declared, checked against its contract, grant and agreement.</summary>
/// <param name="Act">What it does.</param>
/// <param name="Subject">The person, as the caller named the person.</param>
/// <param name="Sector">Sector whose token the register knows the person by.</param>
/// <param name="Quality">Quality.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day; <see cref="DossierDay.Open"/> for none.</param>
/// <param name="Province">Province; 0 with CLOSE.</param>
internal sealed record DeclarationContent(
    DeclaredAct Act,
    DataSubject Subject,
    string Sector,
    string Quality,
    ushort From,
    ushort To,
    ushort Province
)
{
    /// <summary>Never the person: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => nameof(DeclarationContent);
}
