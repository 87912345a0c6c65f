using System.CommandLine;
using System.Globalization;
using Veil.KeyLifecycle;
using Veil.KeyStore;

namespace Veil.Issuer;

/// <summary><c>veil-issuer keys init|rotate|list|plan|retire</c>. A running server follows within seconds.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "The keys that tokens are made under.") { Init(), Rotate(), List(), KeysPlanCommand.Create(), Retire() };

    private static Command Init()
    {
        var command = new Command("init", "Makes the first key, and the databases and the wrapping key file where they are absent.");
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            var stores = services.GetRequiredService<StoreOptions>();
            if (services.GetRequiredService<IssuerKeyOptions>().Store.WrappingKeyFile is { } file && !File.Exists(file))
                WrappingKey.CreateFile(file);
            using var accounts = new OpenAccounts(services);
            IssuerApp.CreateSpent(stores);
            return Change(services, output, (ring, now) => ring.CreateFirst(now).Serial, "is the first key");
        }));
        return command;
    }

    private static Command Rotate()
    {
        var command = new Command("rotate", "Lets another key take over now; the schedule does so by itself.");
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
            Change(services, output, (ring, now) => ring.Rotate(now).Serial, "is active now")));
        return command;
    }

    private static Command Retire()
    {
        var serial = new Argument<ulong>("serial") { Description = "Number of the key, as `keys list` shows it." };
        var command = new Command("retire", "Destroys a key that is not active: its tokens are refused from now on.") { serial };
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) => Change(
            services,
            output,
            (ring, now) =>
            {
                ring.Retire(parsed.GetRequiredValue(serial), now);
                return parsed.GetRequiredValue(serial);
            },
            "is destroyed")));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the keys with their states.");
        command.SetAction(parsed => IssuerCommands.Run(parsed, (services, output) =>
        {
            DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            using WrappingKey wrappingKey = Unwrap(services);
            using StoredKeyRing<IssuerKey> ring = IssuerApp.OpenRing(services.GetRequiredService<IssuerKeyOptions>(), wrappingKey);
            ring.Refresh(now, mayCreate: false);
            var keys = ring.Live.All.Select(key => new
            {
                serial = key.Entry.Serial,
                state = StateOf(key, ring.Live),
                active_from = key.Entry.ActiveFrom.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                type = key.Key.Key.Type.Id,
                key_id = Convert.ToHexStringLower(key.Key.Key.PublicKey.KeyId),
            }).ToList();
            output.Write(keys, keys.Select(key => $"{key.serial,4}  {key.state,-9}  from {key.active_from}  type {key.type}  {key.key_id}"));
            return 0;
        }));
        return command;
    }

    private static int Change(IServiceProvider services, CommandOutput output, Func<StoredKeyRing<IssuerKey>, DateTimeOffset, ulong> change, string outcome)
    {
        using WrappingKey wrappingKey = Unwrap(services);
        using StoredKeyRing<IssuerKey> ring = IssuerApp.OpenRing(services.GetRequiredService<IssuerKeyOptions>(), wrappingKey);
        ulong serial = change(ring, services.GetRequiredService<TimeProvider>().GetUtcNow());
        output.Write(new { serial, outcome }, $"key {serial} {outcome}");
        return 0;
    }

    internal static WrappingKey Unwrap(IServiceProvider services) => WrappingKey.From(services.GetRequiredService<IssuerKeyOptions>().Store);

    private static string StateOf(RingKey<IssuerKey> key, LiveKeys<IssuerKey> live) =>
        key == live.Active ? "active" : live.Announced.Contains(key) ? "announced" : "grace";
}
