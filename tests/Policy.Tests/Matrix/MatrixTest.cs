namespace Policy.Tests.Matrix;

/// <summary>
/// Deny by default, enumerated: every system of every institution × agreement × purpose × operation × day × field, from the committed
/// files.
/// </summary>
public sealed class MatrixTest
{
    [Fact]
    public void The_gateway_decides_every_cell_as_the_files_say()
    {
        using var law = new LawFiles();
        var registry = law.Registry();
        var (axes, decisions, oracle) = (Axes.Of(registry), new Decisions(registry), new Oracle(law.Folder));
        var (permits, released, codes) = (0L, 0L, new SortedDictionary<string, long>(StringComparer.Ordinal));
        foreach (var system in axes.Systems)
            foreach (var agreement in axes.Agreements)
                foreach (var purpose in axes.Purposes)
                    foreach (var operation in axes.Operations)
                        foreach (var day in axes.Days)
                        {
                            var (decided, expected) = (
                                decisions.Of(system, agreement, purpose, operation, day),
                                oracle.Of(system.Id, agreement, purpose, operation, day)
                            );
                            if (decided.Code != expected.Code || decided.Terms != expected.Terms)
                                Assert.Fail(
                                    $"{system.Id} {agreement} {purpose} {operation} {day:yyyy-MM-dd}:\n  decided  {decided.Code ?? decided.Terms}\n  expected {expected.Code ?? expected.Terms}"
                                );
                            foreach (var field in axes.Fields[operation])
                                if (decided.Release.Contains(field) != expected.Release.Contains(field))
                                    Assert.Fail($"{system.Id} {agreement} {purpose} {operation} {day:yyyy-MM-dd} {field}");
                            Assert.Empty(decided.Release.Except(axes.Fields[operation]));
                            codes[decided.Code ?? "permit"] = codes.GetValueOrDefault(decided.Code ?? "permit") + 1;
                            if (decided.Code is not null)
                                continue;
                            permits++;
                            released += decided.Release.Count;
                        }
        var size =
            $"{axes.Systems.Length} systems × {axes.Agreements.Length} agreements × {axes.Purposes.Length} purposes × {axes.Operations.Length} operations × {axes.Days.Length} days = {axes.Questions} questions, {permits} permitted; {axes.Cells} cells with fields, {released} released";
        TestContext.Current.SendDiagnosticMessage(size);
        MatrixReport.Write("size.txt", [size, .. codes.Select(static pair => $"{pair.Value,9} {pair.Key}")]);
        Assert.True(permits > 100, size);
        Assert.True(codes.Count >= 6, string.Join(' ', codes.Keys));
    }
}
