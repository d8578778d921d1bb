namespace Ledger.Writing;

/// <summary>The stop line of the log's volume.</summary>
internal static class FreeSpace
{
    /// <summary>Whether less is free than the larger of the two lines. A volume that cannot be asked counts as low.</summary>
    public static bool IsLow(LedgerOptions options, out long free)
    {
        free = 0;
        try
        {
            var volume = new DriveInfo(Path.GetFullPath(options.Directory));
            free = volume.AvailableFreeSpace;
            return free < Math.Max(options.StopFreeBytes, volume.TotalSize * options.StopFreeShare);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
