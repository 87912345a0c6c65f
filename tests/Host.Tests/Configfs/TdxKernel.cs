using System.Text;
using Veil.HostAgent.Configfs;

namespace Veil.Host.Tests.Configfs;

/// <summary>The kernel's side of a TD: a generation that counts writes, and a quote for the last value written.</summary>
internal sealed class TdxKernel(Func<byte[], byte[]> quote) : TsmFolder(System.IO.Path.GetTempPath())
{
    private byte[] _value = [];
    private int _generation;

    public override string Add() => "entry";

    public override void Remove(string entry)
    {
    }

    public override byte[] Read(string entry, string attribute) => attribute switch
    {
        "provider" => "tdx_guest\n"u8.ToArray(),
        "generation" => Encoding.ASCII.GetBytes($"{_generation}\n"),
        "outblob" => quote(_value),
        _ => [],
    };

    public override void Write(string entry, string attribute, ReadOnlySpan<byte> value)
    {
        _value = value.ToArray();
        _generation++;
    }
}
