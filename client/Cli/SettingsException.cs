namespace Veil.ClientCli;

/// <summary>Settings that cannot be used; the message has one line for each problem.</summary>
internal sealed class SettingsException(string message) : Exception(message);
