using Veil.ServiceDefaults;

namespace Veil.HostAgent.Forwarding;

/// <summary>The closed set of a host's refusals. Whatever the workload itself answers passes as its own.</summary>
internal static class HostProblems
{
    private const string Types = "urn:veil:problem:host:";

    public static readonly Problem WrongService = new(421, Types + "wrong-service", "This host answers for another authority.");
    public static readonly Problem Busy = new(503, Types + "busy", "This host takes no more requests at the moment.");
    public static readonly Problem BodyTooLarge = new(413, Types + "body-too-large", "The request's body is longer than this host takes, or broke off.");
    public static readonly Problem WorkloadDown = new(503, Types + "workload-down", "The workload takes no connection.");
    public static readonly Problem WorkloadSlow = new(504, Types + "workload-slow", "The workload has not answered in time.");
    public static readonly Problem WorkloadFailed = new(502, Types + "workload-failed", "The workload broke off before its answer began.");
}
