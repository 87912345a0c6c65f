using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Veil.Bench.Measuring;

/// <summary>CPU time in nanoseconds from the kernel's clocks: waiting and other processes do not count.</summary>
internal static partial class CpuClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>CPU time that the calling thread has used.</summary>
    public static long ThreadNanoseconds() => Read(ThreadCpuTime);

    /// <summary>CPU time that all threads of a process have used, finished ones included.</summary>
    public static long ProcessNanoseconds(int processId)
    {
        int error = GetCpuClock(processId, out int clock);
        return error is 0 ? Read(clock) : throw new Win32Exception(error);
    }

    private static long Read(int clock) =>
        GetTime(clock, out TimeSpec time) is 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetCpuClock(int processId, out int clock);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
