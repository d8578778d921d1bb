using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Persons;

public sealed class IdentifierTests
{
    [Fact]
    public void Every_fixture_passes_its_check_digit_and_is_of_the_never_issued_kind()
    {
        Assert.All(Fixtures.All, idcs =>
        {
            Assert.True(Verhoeff.IsValid(idcs));
            Assert.Contains("666", idcs, StringComparison.Ordinal);
            Assert.InRange(idcs[0], '2', '9');
        });
        Assert.Equal(Fixtures.All.Length, Fixtures.All.Distinct().Count());
    }

    [Fact]
    public void A_number_of_the_wrong_form_is_refused() => Assert.False(Verhoeff.IsValid("1200345678"));

    [Fact]
    public void One_wrong_digit_or_two_neighbours_swapped_never_pass()
    {
        var gen =
            from serial in Gen.Choose(0, Pupil.Serials - 1)
            from place in Gen.Choose(0, 9)
            from step in Gen.Choose(1, 9)
            select (Idcs: Pupil.IdcsOf(serial), place, step);
        Prop.ForAll(gen.ToArbitrary(), drawn =>
            {
                var digits = drawn.Idcs.ToCharArray();
                digits[drawn.place] = (char)('0' + ((digits[drawn.place] - '0' + drawn.step) % 10));
                var swapped = drawn.Idcs.ToCharArray();
                var other = (drawn.place + 1) % 10;
                (swapped[drawn.place], swapped[other]) = (swapped[other], swapped[drawn.place]);
                var sameAfterSwap = new string(swapped) == drawn.Idcs || other == 0;
                return Verhoeff.IsValid(drawn.Idcs) && !Verhoeff.IsValid(digits) && (sameAfterSwap || !Verhoeff.IsValid(swapped));
            })
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(
        "education",
        "5b83f6e45bede3eaeba8c0145f1693c86baa9dcf4c26fd1a713e4d56382bf707",
        "2666041939",
        "edu_0EHG7CY33N48KJNS6574C03H7S"
    )]
    [InlineData(
        "employment",
        "85dff9a6a849d445a8f66bac1382637c7c4bdfc2d0c1433ee6ac32b4e3c8f611",
        "3666470066",
        "emp_6P7W1VFQ5RP29W1N98E3X9YSF6"
    )]
    [InlineData(
        "health",
        "5a3a37e849f035d167b71d44775581780080ef89576808ee1b3eacd69107a2b0",
        "2666041939",
        "hea_28W0B1E8NGQJ699NXCB16MT6VH"
    )]
    [InlineData("care", "1930c88b40f5c1efb672b6d72cad0977fc14d0b871c1cc69f5c17020031838ce", "6666593394", "car_08HFV0375EST41ZAFFZA3W0E4E")]
    [InlineData(
        "territory",
        "e9a8695e44dd5fe0b3f8953b656a4f43fccdc4c61a844670c748981f1f2f1f25",
        "2666041939",
        "ter_32AFYNJPBE6JJ0DMN11GP4KB39"
    )]
    public void The_published_vectors_come_out(string sector, string key, string idcs, string token)
    {
        Assert.Equal(key, Convert.ToHexStringLower(SectorToken.SandboxKey(sector)));
        Assert.Equal(token, SectorToken.Of(sector, idcs));
        Assert.True(
            SectorToken.TryRead(Encoding.ASCII.GetBytes(SectorToken.Prefix(sector)), Encoding.ASCII.GetBytes(token), out var number)
        );
        Assert.Equal(token, SectorToken.Format(sector, number));
    }

    [Theory]
    [InlineData("edu_8EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("edu_0ehg7CY33N48KJNS6574C03H7S")]
    [InlineData("edu_0IHG7CY33N48KJNS6574C03H7S")]
    [InlineData("emp_0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7")]
    public void What_is_no_token_of_the_sector_is_refused(string text) =>
        Assert.False(SectorToken.TryRead("edu"u8, Encoding.ASCII.GetBytes(text), out _));
}
