using Microsoft.Extensions.Configuration;

namespace Tokens.Operations;

/// <summary>
/// Reads a program's section of the configuration and takes nothing on trust: a key that no setting has, or a value that cannot be read, is a mistake. The
/// framework's binder would leave such an entry out, and a list of revoked certificates with a misspelt member would revoke nothing.
/// </summary>
public static class StrictSettings
{
    /// <summary>The settings; null when something is wrong with them.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="section">Name of the program's section.</param>
    /// <param name="mistake">What is wrong, naming the setting; null when nothing is.</param>
    public static T? Read<T>(IConfiguration configuration, string section, out string? mistake) where T : class, new()
    {
        mistake = null;
        try
        {
            return configuration.GetSection(section).Get<T>(static binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException wrong)
        {
            mistake = $"{section}: {wrong.Message} {wrong.InnerException?.Message}".TrimEnd();
            return null;
        }
    }
}
