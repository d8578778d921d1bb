using Dossiers.Tests.Support;
using Gateway.Authorization.Dossiers;
using Tokens.Stores;
using Xunit;

namespace Dossiers.Tests;

public sealed class SqliteRegisterTests : RegisterLaws
{
    private protected override Task<StoreSettings> MakeStore() =>
        Task.FromResult(new StoreSettings { File = Path.Combine(Folder, "dossiers.db") });

    [Fact]
    public async Task A_store_of_version_1_loses_its_plain_hashes_and_keeps_its_dossiers()
    {
        using (var before = Open())
            await Declare(before, Some.Opening(Some.Person(1)));
        var hash = System.Security.Cryptography.SHA256.HashData("what was declared"u8);
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Store.File};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                $"DROP TABLE calls; CREATE TABLE answers(scope BLOB PRIMARY KEY, asked BLOB NOT NULL, at INTEGER NOT NULL, exchange TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID; INSERT INTO answers VALUES(x'00', x'{Convert.ToHexString(hash)}', 0, '', x'')";
            await command.ExecuteNonQueryAsync();
        }

        Assert.True((await File.ReadAllBytesAsync(Store.File!)).AsSpan().IndexOf(hash) >= 0);
        using var register = Open();
        Assert.NotNull(ProvinceOn(register, 1, 0));
        foreach (var file in Directory.GetFiles(Folder))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(hash) < 0, Path.GetFileName(file));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        var file = Path.Combine(Folder, "other");
        File.WriteAllText(file, new string('x', 8192));
        Assert.Throws<StoreRefused>(() => DossierRegister.Open(new StoreSettings { File = file }, seed: "", Some.Key, TimeProvider.System));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"agreement":"A","quality":"Q","person":"short","province":"06.181.","from":"2026-09-01"}""")]
    [InlineData("""{"agreement":"A","quality":"Q","person":"AAAAAAAAAAAAAAAAAAAAAA","province":"06.","from":"2026-09-01"}""")]
    [InlineData("""{"agreement":"A","quality":"Q","person":"AAAAAAAAAAAAAAAAAAAAAA","province":"06.181.","from":"1999-09-01"}""")]
    [InlineData(
        """{"agreement":"A","quality":"Q","person":"AAAAAAAAAAAAAAAAAAAAAA","province":"06.181.","from":"2026-09-01","to":"2026-08-31"}"""
    )]
    [InlineData("""{"agreement":"A","quality":"Q","person":"AAAAAAAAAAAAAAAAAAAAAA","province":"06.181.","from":"2026-09-01","more":1}""")]
    public void A_start_file_with_a_line_that_is_no_declaration_is_refused_by_its_number(string line)
    {
        var seed = Path.Combine(Folder, "seed");
        File.WriteAllLines(
            seed,
            ["""{"agreement":"A","quality":"Q","person":"AQAAAAAAAAAAAAAAAAAAAA","province":"06.181.","from":"2026-09-01"}""", line]
        );
        var refused = Assert.Throws<InvalidDataException>(() => Open(seed));
        Assert.Equal("dossier register: line 2 is not a declaration", refused.Message);
    }

    [Fact]
    public async Task Declarations_stand_after_the_start_file_at_every_start()
    {
        var seed = Path.Combine(Folder, "seed");
        var person = DossierPseudonym.Of(Some.Key, "edu_0EHG7CY33N48KJNS6574C03H7S");
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, person);
        await File.WriteAllLinesAsync(
            seed,
            [
                $$"""{"agreement":"{{Some.Agreement}}","quality":"{{Some.Quality}}","person":"{{System.Buffers.Text.Base64Url.EncodeToString(bytes)}}","province":"06.181.","from":"2026-09-01"}""",
            ]
        );
        for (var start = 0; start < 3; start++)
        {
            using var register = Open(seed);
            Assert.Equal(
                [start == 0 ? DeclaredOutcome.Accepted : DeclaredOutcome.Unchanged],
                await Declare(register, Some.Closing(person, Some.Day, Some.Day.AddDays(9)))
            );
            Assert.True(register.TryFind(Some.Agreement, [Some.Quality], person, Some.Day.AddDays(9), out _));
            Assert.False(register.TryFind(Some.Agreement, [Some.Quality], person, Some.Day.AddDays(10), out _));
        }
    }
}
