namespace Authority;

/// <summary>
/// Another engine behind the token endpoint, for example a licensed product: what it adds to the host, and where it stands in the pipeline.
/// </summary>
/// <param name="AddTo">Adds its services, after the authority's own.</param>
/// <param name="Use">Adds its middleware, behind the wire gate and before the authority's endpoints.</param>
public sealed record TokenEngine(Action<IServiceCollection> AddTo, Action<WebApplication> Use);
