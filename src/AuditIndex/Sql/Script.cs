namespace AuditIndex.Sql;

/// <summary>SQL texts among this assembly's resources.</summary>
internal static class Script
{
    public static string Of(string name)
    {
        using var stream = typeof(Script).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
