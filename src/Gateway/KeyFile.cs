using Ledger;

namespace Gateway;

/// <summary>A symmetric key of the gateway in a file of its own, the form in which operators hold it.</summary>
internal static class KeyFile
{
    /// <summary>32 bytes written as 64 hexadecimal digits.</summary>
    /// <exception cref="InvalidDataException">The file is missing or holds something else; names the file, never its content.</exception>
    /// <exception cref="SecretFileRefused">Others than its owner can read or change it.</exception>
    public static byte[] Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"key file {Path.GetFileName(path)} is missing");
        var text = SecretFile.ReadText(path).Trim();
        if (text.Length != 64 || !text.All(char.IsAsciiHexDigit))
            throw new InvalidDataException($"key file {Path.GetFileName(path)} does not hold 64 hexadecimal digits");
        return Convert.FromHexString(text);
    }
}
