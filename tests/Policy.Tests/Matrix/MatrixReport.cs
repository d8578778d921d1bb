namespace Policy.Tests.Matrix;

/// <summary>Writes what the matrix found into the folder that <c>GATEWAY_MATRIX</c> names, on demand.</summary>
internal static class MatrixReport
{
    public static void Write(string file, IEnumerable<string> lines)
    {
        if (Environment.GetEnvironmentVariable("GATEWAY_MATRIX") is not { Length: > 0 } folder)
            return;
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, file), lines);
    }
}
