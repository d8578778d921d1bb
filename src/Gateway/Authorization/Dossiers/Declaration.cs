using System.Buffers.Binary;

namespace Gateway.Authorization.Dossiers;

/// <summary>What a declaration does.</summary>
internal enum DeclaredAct : byte
{
    /// <summary>Opens a dossier.</summary>
    Open = 1,

    /// <summary>Ends it, on a day.</summary>
    Close = 2,

    /// <summary>Moves it to another province, from a day on.</summary>
    Move = 3,
}

/// <summary>What became of a declaration.</summary>
internal enum DeclaredOutcome
{
    /// <summary>The register changed.</summary>
    Accepted,

    /// <summary>The register said so already.</summary>
    Unchanged,

    /// <summary>It contradicts what was declared before; nothing changed.</summary>
    Conflict,
}

/// <summary>One declaration (exchanges page, section 11.2), in the register's numbers.</summary>
/// <param name="Clause">Agreement and quality.</param>
/// <param name="Person">Keyed pseudonym.</param>
/// <param name="Act">What it does.</param>
/// <param name="From">First day; for CLOSE any day of the dossier, for MOVE the first day in the new province.</param>
/// <param name="To">Last day of an OPEN or CLOSE, <see cref="DossierDay.Open"/> for none.</param>
/// <param name="Province">Province of an OPEN or MOVE; 0 otherwise.</param>
internal readonly record struct Declaration(int Clause, UInt128 Person, DeclaredAct Act, ushort From, ushort To, ushort Province)
{
    /// <summary>
    /// Bytes of a declaration in the log: clause 4, act 1, zero 1, province 2, from 2, to 2, person 16, exchange id 16; little-endian.
    /// </summary>
    public const int Bytes = 44;

    /// <summary>Writes the declaration as it is kept.</summary>
    /// <param name="into"><see cref="Bytes"/> bytes.</param>
    /// <param name="clause">The clause's number in the log.</param>
    /// <param name="exchange">Id of the exchange that declared it.</param>
    public void Write(Span<byte> into, int clause, UInt128 exchange)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, clause);
        (into[4], into[5]) = ((byte)Act, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(into[6..], Province);
        BinaryPrimitives.WriteUInt16LittleEndian(into[8..], From);
        BinaryPrimitives.WriteUInt16LittleEndian(into[10..], To);
        BinaryPrimitives.WriteUInt128LittleEndian(into[12..], Person);
        BinaryPrimitives.WriteUInt128LittleEndian(into[28..], exchange);
    }

    /// <summary>Reads a declaration; its clause is the log's number.</summary>
    public static Declaration Read(ReadOnlySpan<byte> from) =>
        new(
            BinaryPrimitives.ReadInt32LittleEndian(from),
            BinaryPrimitives.ReadUInt128LittleEndian(from[12..]),
            (DeclaredAct)from[4],
            BinaryPrimitives.ReadUInt16LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[10..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[6..])
        );

    /// <summary>Id of the exchange that declared it.</summary>
    public static UInt128 ExchangeOf(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt128LittleEndian(from[28..]);

    /// <summary>Never the person: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => nameof(Declaration);
}
