namespace Veil.DevStack.Attacks;

/// <summary>One way to lie to one client.</summary>
/// <param name="Name">As <c>--attack</c> names it.</param>
/// <param name="Lie">What is done, for the person who watches.</param>
/// <param name="Reason">What the client's refusal must name.</param>
/// <param name="PlayAsync">Sets the adversary up.</param>
internal sealed record Attack(string Name, string Lie, string Reason, Func<AttackStage, Task> PlayAsync);
