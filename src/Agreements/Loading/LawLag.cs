namespace Agreements.Loading;

/// <summary>The files on disk are not what is in force.</summary>
/// <param name="Since">When that was noticed first.</param>
/// <param name="Errors">How many errors keep them from becoming law.</param>
/// <param name="First">The first of them, as one line.</param>
public sealed record LawLag(DateTimeOffset Since, int Errors, string First);
