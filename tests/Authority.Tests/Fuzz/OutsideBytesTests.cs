using Fuzz;

namespace Authority.Tests.Fuzz;

/// <summary>What a client asks a token for is read or refused, whatever the bytes.</summary>
public sealed class OutsideBytesTests
{
    [Fact]
    public void Authorization_details() =>
        Mutations.Survive(
            [
                """[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING","operations":["education.school-enrolment.read"]}]""",
            ],
            static text => DetailsParameter.Read(text)
        );
}
