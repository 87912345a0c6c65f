using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Monitoring;

/// <summary>Looks at what heads name, beyond the log itself.</summary>
internal interface IHeadWatch
{
    /// <summary>What is to be said of a head, each thing once.</summary>
    IEnumerable<Finding> Judge(EpochHead head);
}
