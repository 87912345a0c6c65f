using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Veil.ServiceDefaults;

/// <summary>Options that stop a bad start.</summary>
public static class OptionsRegistration
{
    /// <summary>
    /// Binds a section to <typeparamref name="TOptions"/> and refuses the start when a key is unknown, a value does not convert, or a data
    /// annotation (nested objects, lists and dictionaries included) does not hold. Every problem names the property, what was found
    /// and what is allowed. A validation attribute with an <c>ErrorMessage</c> uses it as the text of what is allowed.
    /// </summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class =>
        services.Add<TOptions>(section, _ => null);

    /// <summary>
    /// As <see cref="AddValidatedOptions{TOptions}(IServiceCollection, string)"/>, with rules across properties. The rules run only when every single
    /// property holds; they write their failures as <see cref="OptionProblem"/>.
    /// </summary>
    public static IServiceCollection AddValidatedOptions<TOptions, TRules>(this IServiceCollection services, string section)
        where TOptions : class
        where TRules : class, IValidateOptions<TOptions> =>
        services.AddSingleton<TRules>().Add<TOptions>(section, provider => provider.GetRequiredService<TRules>());

    private static IServiceCollection Add<TOptions>(this IServiceCollection services, string section, Func<IServiceProvider, IValidateOptions<TOptions>?> rules)
        where TOptions : class
    {
        services.AddSingleton(new KnownSection(section));
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                IConfigurationSection values = configuration.GetSection(section);
                if (ConfigurationShape.Check(values, typeof(TOptions)).Count == 0)
                    values.Bind(options);
            })
            .ValidateOnStart();
        return services.AddSingleton<IValidateOptions<TOptions>>(provider =>
            new SectionValidator<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section), rules(provider)));
    }
}
