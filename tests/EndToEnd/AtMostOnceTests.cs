using System.Net;
using System.Net.Http.Headers;
using Veil.ClientSdk;
using Veil.DevStack;
using Record = Veil.Recorder.Record;

namespace Veil.EndToEnd;

/// <summary>A gateway that waits for its issuer as long as a restart may take on a busy machine.</summary>
public sealed class PatientDeploymentFixture : DeploymentFixture
{
    /// <inheritdoc/>
    protected override DeploymentOptions Options => base.Options with { RedemptionTimeout = TimeSpan.FromMinutes(1) };
}

/// <summary>I7: a token is accepted at most once, across crashes, retries and copies.</summary>
public sealed class AtMostOnceTests(PatientDeploymentFixture fixture) : IClassFixture<PatientDeploymentFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I7_a_token_in_two_copies_of_a_wallet_is_served_once()
    {
        string wallet = fixture.NewWalletFile();
        using (var drawing = new VeilHandler(fixture.Deployment.ClientOptions(wallet, tokens: 1)))
        {
            Assert.Equal(1, await drawing.Tokens!.FillAsync(Cancellation));
        }

        string copy = wallet + "-copy";
        File.Copy(wallet, copy);
        using var original = new HttpClient(new VeilHandler(fixture.Deployment.SpendingOnly(wallet)));
        using var copied = new HttpClient(new VeilHandler(fixture.Deployment.SpendingOnly(copy)));
        int before = fixture.Workload.Heads.Count;
        int served = 0, refused = 0;
        foreach (HttpClient http in new[] { original, copied })
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(fixture.Url("/second"), Cancellation);
                _ = answer.IsSuccessStatusCode ? served++ : refused++;
            }
            catch (HttpRequestException)
            {
                refused++;
            }
        }

        Assert.Equal((1, 1), (served, refused));
        Assert.Equal(before + 1, fixture.Workload.Heads.Count);
    }

    [Fact]
    public async Task I7_an_encapsulated_request_sent_again_does_no_work_again()
    {
        using (HttpClient http = fixture.NewClient())
        {
            using HttpResponseMessage answer = await http.GetAsync(fixture.Url("/once"), Cancellation);
            Assert.True(answer.IsSuccessStatusCode);
        }

        int before = fixture.Workload.Heads.Count;
        using HttpClient replayer = fixture.NewOrdinaryClient();
        Record[] sent = [.. fixture.Deployment.Received(fixture.Deployment.Relay).Where(record => record.Method == "POST")];
        Assert.NotEmpty(sent);
        foreach (Record record in sent)
        {
            using var content = new ByteArrayContent(record.Request);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(record.Headers.First(field => field.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value);
            using HttpResponseMessage answer = await replayer.PostAsync(fixture.Deployment.RelayUrl, content, Cancellation);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{(int)answer.StatusCode}: neither an encapsulated refusal nor a refusal to open");
        }

        Assert.Equal(before, fixture.Workload.Heads.Count);
    }

    [Fact]
    public async Task I7_an_issuer_killed_while_tokens_are_spent_loses_none_and_doubles_none()
    {
        const int Requests = 120;
        using HttpClient http = await fixture.NewClientAsync(Requests + Requests / 2);
        int before = fixture.Workload.Heads.Count;
        var random = new Random(11);
        Task killing = Task.Run(
            async () =>
            {
                for (int kill = 0; kill < 3; kill++)
                {
                    await Task.Delay(random.Next(50, 400), Cancellation);
                    await fixture.Deployment.Issuer.KillAsync();
                    await fixture.Deployment.Issuer.StartAsync(Cancellation);
                }
            },
            Cancellation);
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (number, cancellation) =>
        {
            using HttpResponseMessage answer = await http.GetAsync(fixture.Url($"/during?{number}"), cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"request {number}: {(int)answer.StatusCode}");
        });
        await killing;

        Assert.Equal(before + Requests, fixture.Workload.Heads.Count);
        Assert.Equal(Requests, fixture.Workload.Heads.Skip(before).Select(head => head.Split('\n')[0]).Distinct().Count());
    }
}
