using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Veil.Gateway;
using Veil.Gateway.Inner;

namespace Veil.Bench.Gateways;

/// <summary>The real gateway, all of its checks on, with one destination more that echoes.</summary>
internal sealed class GatewayChild : IBenchChild
{
    public string Name => "gateway-server";

    public async Task<int> RunAsync(string[] args)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("veil-bench-");
        try
        {
            string wrappingKey = Path.Combine(folder.FullName, "wrapping.key");
            KeyStore.WrappingKey.CreateFile(wrappingKey);
            return await BenchChild.ServeAsync(GatewayApp.Build([], builder =>
            {
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["Server:Listen"] = "127.0.0.1:0",
                    ["Server:AllowPlaintext"] = "true",
                    ["Gateway:Authority"] = "gateway.example",
                    ["Gateway:AllowAnyRelay"] = "true",
                    ["Keys:Store:Directory"] = Path.Combine(folder.FullName, "keys"),
                    ["Keys:Store:WrappingKeyFile"] = wrappingKey,
                });
                builder.Services.AddSingleton<IInnerDestination, EchoDestination>();
            }));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
