namespace Veil.ClientCli.Evidence;

/// <summary>A file that cannot be read as evidence, an endorsement or a policy; the message has one line for each problem.</summary>
internal sealed class EvidenceException(string message) : Exception(message);
