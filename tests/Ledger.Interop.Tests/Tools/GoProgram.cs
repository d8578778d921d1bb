using Xunit;

namespace Ledger.Interop.Tests.Tools;

/// <summary><c>go/logcheck.go</c>, built once from Debian's <c>golang.org/x/mod</c>: no module is downloaded.</summary>
internal static class GoProgram
{
    private const string Packages = "/usr/share/gocode";
    private static readonly Lock Gate = new();
    private static Task<string>? _built;

    /// <summary>Checks a log's folder.</summary>
    public static async Task<Said> Check(string vkey, string log, params string[] old)
    {
        await Tool.Require("go", "version", "golang-go golang-golang-x-mod-dev");
        return await Tool.Run(await Built(), [vkey, log, .. old]);
    }

    private static Task<string> Built()
    {
        lock (Gate)
        {
            return _built ??= Build();
        }
    }

    private static async Task<string> Build()
    {
        var program = Path.Combine(Directory.CreateTempSubdirectory("logcheck-").FullName, "logcheck");
        var said = await Tool.Run(
            "go",
            ["build", "-o", program, Path.Combine(Tool.Sources, "go", "logcheck.go")],
            folder: null,
            ("GO111MODULE", "off"),
            ("GOPATH", Packages),
            ("GOFLAGS", ""),
            ("GOPROXY", "off"),
            ("GOCACHE", Path.Combine(Path.GetTempPath(), "logcheck-build"))
        );
        Assert.True(said.Accepts, said.Text);
        return program;
    }
}
