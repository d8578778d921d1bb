using Microsoft.Extensions.Configuration;

namespace Tokens.Operations;

/// <summary>
/// Reads a program's section of the configuration and takes nothing on trust: a key that no setting has, or a value that cannot be read, is
/// a mistake. The framework's binder would leave such an entry out, and a list of revoked certificates with a misspelt member would revoke
/// nothing.
/// </summary>
public static class StrictSettings
{
    /// <summary>The settings.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="section">Name of the program's section.</param>
    /// <exception cref="StartRefused">Something is wrong with them: all of it, each with the setting's name.</exception>
    public static T Read<T>(IConfiguration configuration, string section)
        where T : class, new()
    {
        var part = configuration.GetSection(section);
        var faults = SettingsShape.Faults(part, typeof(T));
        if (faults.Count > 0)
            throw new StartRefused(faults);
        try
        {
            return part.Get<T>(static binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException wrong)
        {
            throw new StartRefused([$"{section} cannot be read: {Startup.Sentence(wrong)}"]);
        }
    }

    /// <summary>The settings; null when something is wrong with them.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="section">Name of the program's section.</param>
    /// <param name="mistake">What is wrong, naming the settings; null when nothing is.</param>
    public static T? Read<T>(IConfiguration configuration, string section, out string? mistake)
        where T : class, new()
    {
        try
        {
            mistake = null;
            return Read<T>(configuration, section);
        }
        catch (StartRefused refused)
        {
            mistake = refused.Message;
            return null;
        }
    }
}
