using Veil.DevStack;

namespace Veil.EndToEnd;

/// <summary>An answer that was cut short is an error at the client, never a shorter answer.</summary>
public sealed class BrokenAnswerTests(DeploymentFixture fixture) : IClassFixture<DeploymentFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_killed_midway_gives_the_client_an_error_and_never_a_truncated_success()
    {
        using HttpClient http = fixture.NewClient();
        using HttpResponseMessage answer = await http.GetAsync(fixture.Url("/never-ends"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await fixture.Workload.AnswerBegan.WaitAsync(Cancellation);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(Cancellation);
        byte[] begun = new byte[10];
        await stream.ReadExactlyAsync(begun, Cancellation);

        foreach (PartyProcess host in fixture.Deployment.Hosts)
        {
            await host.KillAsync();
        }

        await Assert.ThrowsAnyAsync<IOException>(async () => await stream.CopyToAsync(Stream.Null, Cancellation));
    }
}
