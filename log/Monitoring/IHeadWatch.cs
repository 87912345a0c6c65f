using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Looks at what heads name, beyond the log itself.</summary>
internal interface IHeadWatch
{
    /// <summary>What is to be said of a head, each thing once. Heads come in their order, each once; one that is missing or in the wrong place does not come.</summary>
    IEnumerable<Finding> Judge(EpochHead head);
}
