namespace Veil.Attestation.Tdx;

/// <summary>One level of TCB info: at least these component levels have this status.</summary>
/// <param name="SgxComponents">Sixteen levels that the PCK certificate has to reach.</param>
/// <param name="PceSvn">Level of the provisioning enclave.</param>
/// <param name="TdxComponents">Sixteen levels that TEE_TCB_SVN has to reach.</param>
/// <param name="Outcome">What it means.</param>
internal sealed record TcbLevel(byte[] SgxComponents, ushort PceSvn, byte[] TdxComponents, TcbOutcome Outcome);
