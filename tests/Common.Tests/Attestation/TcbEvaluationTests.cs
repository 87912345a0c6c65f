using System.Text;
using Veil.Attestation.Tdx;

namespace Veil.Common.Tests.Attestation;

/// <summary>Intel's evaluation where only what ran at a TD's launch is old.</summary>
public static class TcbEvaluationTests
{
    private static readonly TcbOutcome Enclave = new(TcbStatus.UpToDate, "2025-01-01T00:00:00Z", []);

    [Theory]
    [InlineData("UpToDate", TcbStatus.TDRelaunchAdvised)]
    [InlineData("SWHardeningNeeded", TcbStatus.TDRelaunchAdvised)]
    [InlineData("ConfigurationNeeded", TcbStatus.TDRelaunchAdvisedConfigurationNeeded)]
    [InlineData("ConfigurationAndSWHardeningNeeded", TcbStatus.TDRelaunchAdvisedConfigurationNeeded)]
    [InlineData("OutOfDate", TcbStatus.OutOfDate)]
    [InlineData("OutOfDateConfigurationNeeded", TcbStatus.OutOfDateConfigurationNeeded)]
    [InlineData("Revoked", TcbStatus.Revoked)]
    public static void A_module_that_was_updated_since_the_launch_makes_a_relaunch_advised(string platform, TcbStatus expected) =>
        Assert.Equal(expected, Evaluate(platform, Report(launched: 2, now: 5)).Status);

    [Fact]
    public static void Without_the_update_or_without_a_word_about_now_it_is_out_of_date()
    {
        Assert.Equal(TcbStatus.OutOfDate, Evaluate("UpToDate", Report(launched: 2, now: 4)).Status);
        Assert.Equal(TcbStatus.OutOfDate, Evaluate("UpToDate", Report(launched: 2, now: 5, microcode: 0)).Status);
        Assert.Equal(TcbStatus.OutOfDate, Evaluate("UpToDate", Report(launched: 2, now: 5, version: 9)).Status);
        Assert.Equal(TcbStatus.OutOfDate, Evaluate("UpToDate", Report(launched: 2, now: 5)[..TdReport.Size10]).Status);
        Assert.Equal(TcbStatus.UpToDate, Evaluate("UpToDate", Report(launched: 5, now: 5)).Status);
    }

    [Fact]
    public static void An_old_quoting_enclave_is_not_mended_by_a_relaunch()
    {
        TcbOutcome old = Enclave with { Status = TcbStatus.OutOfDate };
        Assert.Equal(TcbStatus.OutOfDate, TcbEvaluation.Of(new TdReport(Report(launched: 2, now: 5)), Pck, Info("UpToDate"), old).Status);
    }

    private static PckExtension Pck => new() { ComponentSvns = [.. Enumerable.Repeat((byte)1, 16)], PceSvn = 11, PceId = [0, 0], Fmspc = new byte[6] };

    private static TcbEvaluation Evaluate(string platform, byte[] report) => TcbEvaluation.Of(new TdReport(report), Pck, Info(platform), Enclave);

    /// <summary>A report of TDX 1.5: TEE_TCB_SVN of the launch, and TEE_TCB_SVN_2 of now.</summary>
    private static byte[] Report(byte launched, byte now, byte microcode = 1, byte version = 1)
    {
        byte[] report = new byte[TdReport.Size15];
        report.AsSpan(0, 16).Fill(1);
        (report[0], report[1]) = (launched, 1);
        report.AsSpan(TdReport.Size10, 16).Fill(1);
        (report[TdReport.Size10], report[TdReport.Size10 + 1], report[TdReport.Size10 + 2]) = (now, version, microcode);
        return report;
    }

    private static TcbInfo Info(string platform)
    {
        string components = string.Join(',', Enumerable.Repeat("""{"svn":1}""", 16));
        string module = $"\"mrsigner\":\"{new string('0', 96)}\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
        string Level(int svn, string status) => $"{{\"tcb\":{{\"isvsvn\":{svn}}},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"{status}\"}}";
        string info = "{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"nextUpdate\":\"2026-02-01T00:00:00Z\",\"fmspc\":\"000000000000\",\"pceId\":\"0000\",\"tcbType\":0,"
            + $"\"tcbEvaluationDataNumber\":17,\"tdxModule\":{{{module}}},\"tdxModuleIdentities\":[{{\"id\":\"TDX_01\",{module},\"tcbLevels\":[{Level(5, "UpToDate")},{Level(2, "OutOfDate")}]}}],"
            + $"\"tcbLevels\":[{{\"tcb\":{{\"sgxtcbcomponents\":[{components}],\"pcesvn\":11,\"tdxtcbcomponents\":[{components}]}},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"{platform}\"}}]}}";
        byte[] document = Encoding.UTF8.GetBytes($"{{\"tcbInfo\":{info},\"signature\":\"{new string('a', 128)}\"}}");
        return TcbInfo.TryParse(document, out TcbInfo? parsed, out string found) ? parsed : throw new InvalidOperationException(found);
    }
}
