using Wording;

namespace Agreements.Loading;

/// <summary>Collects what is wrong with one file.</summary>
internal sealed class FileReport(string file, List<LoadError> errors, SharedValues shared)
{
    public string File { get; } = file;
    public bool Failed { get; private set; }

    /// <summary>Values of the whole set, so that equal ones are kept once.</summary>
    public SharedValues Shared { get; } = shared;

    public void Error(int line, string code, params ReadOnlySpan<Blank> blanks)
    {
        Failed = true;
        errors.Add(new LoadError(File, line, code, [.. blanks], LoadSeverity.Error));
    }

    public void Warn(int line, string code, params ReadOnlySpan<Blank> blanks) =>
        errors.Add(new LoadError(File, line, code, [.. blanks], LoadSeverity.Warning));
}
