namespace Sandbox.Persons;

/// <summary>
/// A small generator for synthetic data (SplitMix64): the same seed gives the same population on every machine and every
/// release of the framework. Never for secrets.
/// </summary>
/// <param name="seed">Seed.</param>
public struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var value = _state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);

    /// <summary>True in so many of a thousand cases.</summary>
    public bool PerMille(int chance) => Below(1000) < chance;
}
