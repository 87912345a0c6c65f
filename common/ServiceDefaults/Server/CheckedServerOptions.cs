using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>
/// <see cref="ServerOptions"/> for those who are asked while the host is built. Refused options are none here:
/// <see cref="ServiceDefaultsRegistration.MapServiceDefaults"/> stops the start right after, with the problems of all sections at once.
/// </summary>
internal sealed class CheckedServerOptions(IOptions<ServerOptions> options)
{
    public ServerOptions? Value
    {
        get
        {
            try
            {
                return options.Value;
            }
            catch (OptionsValidationException)
            {
                return null;
            }
        }
    }
}
