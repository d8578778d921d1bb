namespace Agreements.Loading;

/// <summary>Collects what is wrong with one file.</summary>
internal sealed class FileReport(string file, List<LoadError> errors)
{
    public string File { get; } = file;
    public bool Failed { get; private set; }

    public void Error(int line, string what, string remedy)
    {
        Failed = true;
        errors.Add(new LoadError(File, line, what, remedy, LoadSeverity.Error));
    }

    public void Warn(int line, string what, string remedy) => errors.Add(new LoadError(File, line, what, remedy, LoadSeverity.Warning));
}
