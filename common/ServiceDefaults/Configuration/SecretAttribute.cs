namespace Veil.ServiceDefaults;

/// <summary>Marks a setting whose value is never shown, not even when it is wrong.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
