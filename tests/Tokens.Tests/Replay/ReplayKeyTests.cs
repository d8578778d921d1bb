using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tokens.Replay;
using Xunit;

namespace Tokens.Tests.Replay;

public sealed class ReplayKeyTests
{
    [Fact]
    public void What_is_remembered_is_the_hash_of_kind_owner_and_id_whatever_their_length_and_script() =>
        Prop.ForAll<bool, NonNull<string>, NonNull<string>>(
                (isProof, owner, id) =>
                {
                    foreach (var text in (string[])[id.Get, id.Get + "جتي-é-𝒜", string.Concat(Enumerable.Repeat("𝒜", 700))])
                    {
                        var key = ReplayKey.Of(isProof ? ReplayKind.Proof : ReplayKind.Assertion, owner.Get, text);
                        var whole = $"{(isProof ? "proof" : "assertion")}\0{owner.Get}\0{text}";
                        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(whole))[..16], key.ToBytes());
                        Assert.Equal(ReplayKey.Of(isProof ? ReplayKind.Proof : ReplayKind.Assertion, owner.Get, "other").Owner, key.Owner);
                    }
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Two_ids_of_one_owner_are_two_and_the_same_id_again_is_one() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>(
                (owner, one, other) =>
                {
                    var key = ReplayKey.Of(ReplayKind.Proof, owner.Get, one.Get);
                    Assert.Equal(key, ReplayKey.Of(ReplayKind.Proof, owner.Get, one.Get));
                    Assert.Equal(one.Get == other.Get, key == ReplayKey.Of(ReplayKind.Proof, owner.Get, other.Get));
                    Assert.NotEqual(key, ReplayKey.Of(ReplayKind.Assertion, owner.Get, one.Get));
                }
            )
            .QuickCheckThrowOnFailure();
}
