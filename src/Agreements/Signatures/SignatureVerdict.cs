namespace Agreements.Signatures;

/// <summary>What is found of a signature under a file.</summary>
public enum SignatureVerdict
{
    /// <summary>
    /// No detached JWS of the one form, or its <c>kid</c> is not the key that the entry names. Such is the bare r‖s of files signed before.
    /// </summary>
    NotOfThisForm,

    /// <summary>Of this form, and not over these bytes with this key.</summary>
    DoesNotFit,

    /// <summary>It signs the file.</summary>
    Fits,
}
