namespace Veil.DevStack;

/// <summary>What a person can try while the deployment is up.</summary>
internal static class HowToTalk
{
    public static void Write(TextWriter writer, Deployment deployment)
    {
        string veil = $"dotnet \"{deployment.ClientProgram}\"";
        writer.WriteLine(
            $$"""

            Everything stays up until Ctrl-C. Privately, through all parties:

              {{veil}} request {{new Uri(deployment.ServiceUrl, "/v1/models")}} --config "{{deployment.ClientConfigFile}}"
              {{veil}} request {{new Uri(deployment.ServiceUrl, "/v1/chat/completions")}} --config "{{deployment.ClientConfigFile}}" \
                -H 'Content-Type: application/json' --data '{"messages":[{"role":"user","content":"Summarise me. I am short."}]}'
              {{veil}} tokens --config "{{deployment.ClientConfigFile}}"
              {{veil}} doctor --config "{{deployment.ClientConfigFile}}"

            What anyone can see from outside:

              curl --cacert "{{deployment.RootFile}}" {{deployment.RelayUrl}} | xxd                        # the relay's mirror of the gateway's keys
              curl --cacert "{{deployment.RootFile}}" {{deployment.Plan.Issuer.Url}}.well-known/private-token-issuer-directory
              curl http://{{deployment.Plan.Relay.Management}}/metrics                                # each party has a management port of its own
              curl http://{{deployment.Plan.Gateway.Management}}/metrics

            Folders with each party's configuration, output and what it received: {{deployment.Folder}}
            """);
    }
}
