namespace Tokens.Stores;

/// <summary>The configured store may not be used. The text says what to change, without any secret.</summary>
public sealed class StoreRefused(string reason, Exception? cause = null) : Exception(reason, cause);
