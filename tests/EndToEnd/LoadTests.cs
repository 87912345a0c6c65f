namespace Veil.EndToEnd;

/// <summary>Many people at once.</summary>
public sealed class LoadTests(UnrecordedDeploymentFixture fixture) : IClassFixture<UnrecordedDeploymentFixture>
{
    [Fact]
    public async Task A_thousand_requests_at_concurrency_32_all_succeed()
    {
        using HttpClient http = fixture.NewClient();
        int answered = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (number, cancellation) =>
        {
            using var content = new StringContent($"request {number}");
            using HttpResponseMessage answer = await http.PostAsync(fixture.Url("/echo"), content, cancellation);
            Assert.Equal($"request {number}", await answer.Content.ReadAsStringAsync(cancellation));
            Interlocked.Increment(ref answered);
        });
        Assert.Equal(1000, answered);
    }
}
