using Agreements.Contracts;

namespace Agreements.Loading;

/// <summary>Follows dotted paths through shapes; arrays are transparent (exchanges page, section 1.8).</summary>
internal static class ShapePath
{
    /// <summary>The shape at a path; null when the contract does not know it.</summary>
    public static Shape? Find(Shape? shape, string path) => Walk(shape, path, out _);

    /// <summary>As <see cref="Find"/>, with the first member of the path, which decides whether it belongs to the envelope.</summary>
    public static Shape? Walk(Shape? shape, string path, out Member? first)
    {
        first = null;
        foreach (var segment in path.Split('.'))
        {
            shape = Unwrap(shape);
            if (shape?.Find(segment) is not { } member)
                return null;
            first ??= member;
            shape = member.Shape;
        }
        return Unwrap(shape);
    }

    private static Shape? Unwrap(Shape? shape)
    {
        while (shape is { Kind: ShapeKind.Array })
            shape = shape.Items;
        return shape;
    }
}
