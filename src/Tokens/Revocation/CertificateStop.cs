namespace Tokens.Revocation;

/// <summary>Why a certificate that its handshake found sound is refused all the same.</summary>
public enum CertificateStop
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It, or an authority above it, is on a revocation list, or operators have stopped it.</summary>
    Revoked,

    /// <summary>
    /// No list that is in date covers it, and its authority is one whose silence stops (<see cref="RevocationFailure.Hard"/>).
    /// </summary>
    Unknown,
}
