using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Veil.Bench.Measuring;

/// <summary>Keeps what is measured and what measures it on cores of their own, where the system can.</summary>
internal static partial class Cores
{
    /// <summary>The command in front of a program that shall run on the first core alone.</summary>
    public static string[] OnTheFirst => OperatingSystem.IsLinux() ? ["taskset", "-c", "0"] : [];

    /// <summary>Keeps every thread of this process, and those that they start, off the first core where there is another one.</summary>
    public static void LeaveTheFirst()
    {
        if (!OperatingSystem.IsLinux() || Environment.ProcessorCount < 2)
            return;

        ulong others = Environment.ProcessorCount >= 64 ? ulong.MaxValue - 1 : (1UL << Environment.ProcessorCount) - 2;
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            // A thread may have ended since it was listed.
            int id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            if (SetAffinity(id, sizeof(ulong), in others) != 0 && Directory.Exists(thread))
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, in ulong mask);
}
