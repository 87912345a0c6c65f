namespace Veil.ServiceDefaults;

/// <summary>What a service says about itself once, where it is composed.</summary>
/// <param name="Name">Command name, such as <c>veil-relay</c>: first word of every line about a failed start.</param>
/// <param name="Events">
/// The service's static classes of <c>[LoggerMessage]</c> methods (its <c>Log.cs</c>). Only events declared in one of them, logged under a
/// category of that class's namespace, are ever written; their ids are unique within the class.
/// </param>
public sealed record ServiceDescription(string Name, params Type[] Events);
