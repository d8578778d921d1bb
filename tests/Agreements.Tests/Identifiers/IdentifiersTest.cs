using System.Security.Cryptography;
using System.Text;
using Agreements.Identifiers;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests.Identifiers;

public sealed class IdentifiersTest
{
    private static Arbitrary<string> Numbers =>
        Gen.ArrayOf(Gen.Choose(0, 9), 9)
            .Select(digits => string.Concat(digits))
            .Select(body => body + Verhoeff.CheckDigit(body))
            .ToArbitrary();

    private static void ForAllNumbers(Func<string, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Numbers, law));

    [Fact]
    public void The_example_passes_and_the_negative_example_fails_twice()
    {
        Assert.True(Idcs.IsValid("2666041939"));
        Assert.True(Idcs.IsValid("2666041939"u8));
        Assert.False(Idcs.IsValid("1200345678"));
        Assert.False(Verhoeff.IsValid("1200345678"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("266604193")]
    [InlineData("26660419390")]
    [InlineData("266604193a")]
    [InlineData("٢666041939")]
    public void What_is_not_ten_ascii_digits_is_no_identifier(string text) => Assert.False(Idcs.IsValid(text));

    [Fact]
    public void Verhoeff_finds_every_single_wrong_digit() =>
        ForAllNumbers(number =>
            Enumerable
                .Range(0, 10)
                .All(at =>
                    "0123456789"
                        .Where(digit => digit != number[at])
                        .All(digit => !Verhoeff.IsValid(string.Concat(number.AsSpan(0, at), [digit], number.AsSpan(at + 1))))
                )
        );

    [Fact]
    public void Verhoeff_finds_every_swap_of_neighbours() =>
        ForAllNumbers(number =>
            Enumerable
                .Range(0, 9)
                .Where(at => number[at] != number[at + 1])
                .All(at => !Verhoeff.IsValid(string.Concat(number.AsSpan(0, at), [number[at + 1], number[at]], number.AsSpan(at + 2))))
        );

    [Fact]
    public void A_check_digit_made_is_a_check_digit_found_in_both_encodings() =>
        ForAllNumbers(number => Verhoeff.IsValid(number) && Verhoeff.IsValid(Encoding.ASCII.GetBytes(number)));

    [Theory]
    [InlineData("education", "2666041939", "edu_0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("employment", "3666470066", "emp_6P7W1VFQ5RP29W1N98E3X9YSF6")]
    [InlineData("health", "2666041939", "hea_28W0B1E8NGQJ699NXCB16MT6VH")]
    [InlineData("care", "6666593394", "car_08HFV0375EST41ZAFFZA3W0E4E")]
    [InlineData("territory", "2666041939", "ter_32AFYNJPBE6JJ0DMN11GP4KB39")]
    public void Sector_tokens_match_the_published_vectors(string sector, string idcs, string token)
    {
        var key = SHA256.HashData(Encoding.ASCII.GetBytes($"gateway sandbox sector key {sector}"));
        Assert.Equal(token, SectorToken.Compute(key, sector, idcs));
        Assert.True(SectorToken.IsWellFormed(token));
        Assert.True(SectorToken.IsOf(token, sector));
        Assert.False(SectorToken.IsOf(token, sector == "care" ? "health" : "care"));
    }

    [Theory]
    [InlineData("edu_8EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7s")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7I")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7S ")]
    [InlineData("reg_0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("EDU_0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("edu-0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("")]
    public void A_token_of_another_form_is_refused_and_never_mapped(string token) => Assert.False(SectorToken.IsWellFormed(token));

    [Fact]
    public void Every_computed_token_is_well_formed() =>
        ForAllNumbers(number => number[0] < '2' || SectorToken.IsWellFormed(SectorToken.Compute(SHA256.HashData("k"u8), "health", number)));

    [Fact]
    public void A_wrong_key_sector_or_identifier_is_refused_without_naming_it()
    {
        var key = new byte[32];
        foreach (
            var refused in new[]
            {
                Assert.Throws<ArgumentException>(() => SectorToken.Compute(new byte[31], "health", "2666041939")),
                Assert.Throws<ArgumentException>(() => SectorToken.Compute(key, "nowhere", "2666041939")),
                Assert.Throws<ArgumentException>(() => SectorToken.Compute(key, "health", "2666041938")),
            }
        )
            Assert.DoesNotContain("26660", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2666041939", true)]
    [InlineData("CASE-2666041939", true)]
    [InlineData("x92666041939", true)]
    [InlineData("AB123456", true)]
    [InlineData("file.A12345", true)]
    [InlineData("d-ab12345-7", true)]
    [InlineData("INC-2026-000771", false)]
    [InlineData("b7-000016", false)]
    [InlineData("2666041938", false)]
    [InlineData("ABC123456", false)]
    [InlineData("A1234567", false)]
    public void A_persons_number_is_found_in_a_reference(string text, bool found) => Assert.Equal(found, PersonNumber.IsIn(text));

    [Theory]
    [InlineData("999000101000091", true)]
    [InlineData("999000102000064", true)]
    [InlineData("999000103000037", true)]
    [InlineData("999000104000010", true)]
    [InlineData("999000105000080", true)]
    [InlineData("999000105000081", false)]
    [InlineData("99900010500008", false)]
    [InlineData("99900010500008x", false)]
    public void An_organisation_number_is_divisible_by_97(string ice, bool valid) => Assert.Equal(valid, Ice.IsValid(ice));

    [Fact]
    public void A_household_is_ten_digits() =>
        Assert.True(HouseholdId.IsValid("7866041924") && !HouseholdId.IsValid("786604192") && !HouseholdId.IsValid("78660419x4"));
}
