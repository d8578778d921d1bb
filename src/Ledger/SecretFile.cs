namespace Ledger;

/// <summary>Creates files that only their owner may read and nobody may write: keys.</summary>
internal static class SecretFile
{
    /// <summary>A new file of mode 0400; an existing one is never overwritten.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead;
        }

        return new FileStream(path, options);
    }
}
