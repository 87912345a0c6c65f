using System.Net;
using Microsoft.Extensions.Options;
using Veil.Relay.Limits;
using Veil.Relay.Tests.Rig;

namespace Veil.Relay.Tests.Limits;

public sealed class AddressBudgetTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void An_address_has_its_burst_and_then_its_rate()
    {
        AddressBudget budget = Budget(slots: 64);
        IPAddress address = IPAddress.Parse("192.0.2.1");
        Assert.Equal(10, Taken(budget, address, 100));
        _clock.Move(TimeSpan.FromSeconds(2));
        Assert.Equal(4, Taken(budget, address, 100));
        _clock.Move(TimeSpan.FromHours(1));
        Assert.Equal(10, Taken(budget, address, 100));
    }

    [Fact]
    public void Addresses_of_one_ipv6_64_share_a_budget_and_those_of_another_do_not()
    {
        AddressBudget budget = Budget(slots: 64);
        Assert.Equal(10, Taken(budget, IPAddress.Parse("2001:db8:1:2::1"), 100));
        Assert.False(budget.TryTake(IPAddress.Parse("2001:db8:1:2:ffff:ffff:ffff:ffff")));
        Assert.True(budget.TryTake(IPAddress.Parse("2001:db8:1:3::1")));
    }

    [Fact]
    public void An_ipv4_address_is_the_same_when_it_comes_mapped_into_ipv6()
    {
        AddressBudget budget = Budget(slots: 64);
        Assert.Equal(10, Taken(budget, IPAddress.Parse("192.0.2.1"), 100));
        Assert.False(budget.TryTake(IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Fact]
    public void No_number_of_addresses_takes_more_than_the_table_holds()
    {
        AddressBudget budget = Budget(slots: 64);
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
            taken += budget.TryTake(new IPAddress(BitConverter.GetBytes(i))) ? 1 : 0;
        Assert.InRange(taken, 1, 64 * 10);
    }

    [Fact]
    public void A_used_up_address_does_not_get_a_new_budget_when_strangers_push_it_out()
    {
        AddressBudget budget = Budget(slots: 8);
        IPAddress address = IPAddress.Parse("192.0.2.1");
        Assert.Equal(10, Taken(budget, address, 100));
        for (int i = 0; i < 1_000; i++)
            budget.TryTake(new IPAddress(BitConverter.GetBytes(i)));
        Assert.Equal(0, Taken(budget, address, 100));
    }

    [Fact]
    public void A_missing_address_is_one_address() => Assert.Equal(10, Taken(Budget(slots: 8), null, 100));

    [Fact]
    public void An_address_has_only_so_many_exchanges_open_and_leaves_room_for_others()
    {
        AddressBudget budget = Budget(slots: 64);
        IPAddress address = IPAddress.Parse("192.0.2.1");
        Assert.True(budget.TryEnter(address, out int slot));
        Assert.True(budget.TryEnter(address, out _));
        Assert.False(budget.TryEnter(address, out _));
        Assert.True(budget.TryEnter(IPAddress.Parse("192.0.2.2"), out _));
        budget.Leave(slot);
        Assert.True(budget.TryEnter(address, out _));
        Assert.False(budget.TryEnter(address, out _));
    }

    [Fact]
    public void No_number_of_addresses_opens_more_than_the_table_holds()
    {
        AddressBudget budget = Budget(slots: 8);
        int[] slots = [.. Enumerable.Range(0, 1_000).Select(i => budget.TryEnter(new IPAddress(BitConverter.GetBytes(i)), out int slot) ? slot : -1).Where(slot => slot >= 0)];
        Assert.Equal(8 * 2, slots.Length);
        Array.ForEach(slots, budget.Leave);
        Assert.True(budget.TryEnter(IPAddress.Parse("192.0.2.1"), out _));
    }

    private AddressBudget Budget(int slots) =>
        new(Options.Create(new RelayOptions { RequestsPerSecond = 2, Burst = 10, MaxConcurrentRequestsPerAddress = 2, AddressSlots = slots }), _clock);

    private static int Taken(AddressBudget budget, IPAddress? address, int tries) => Enumerable.Range(0, tries).Count(_ => budget.TryTake(address));
}
