using System.Collections.Immutable;

namespace Veil.KeyLifecycle;

/// <summary>
/// The coming changes of a ring, when its schedule is followed on time from now on, and every rule that they break. It plays the schedule through, so it shows
/// what a server would do, with whatever keys the ring has.
/// </summary>
/// <param name="Changes">In order of time.</param>
/// <param name="Problems">In order of time; empty when all is well.</param>
public sealed record KeyForecast(ImmutableArray<PlannedChange> Changes, ImmutableArray<PlanProblem> Problems)
{
    /// <summary>Epochs that a forecast reaches at most: beyond that it says nothing new.</summary>
    public const int MaxEpochs = 10_000;

    /// <summary>Plays a ring's future through.</summary>
    /// <param name="timeline">The ring now.</param>
    /// <param name="schedule">When its keys come and go.</param>
    /// <param name="directoryMaxAge">How old a copy of the directory may be.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">How far to look: more than zero, at most <see cref="MaxEpochs"/> epochs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is outside these bounds.</exception>
    public static KeyForecast Of(KeyTimeline timeline, RotationSchedule schedule, TimeSpan directoryMaxAge, DateTimeOffset now, TimeSpan length)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length / schedule.Epochs.Length, MaxEpochs);
        return new Play(timeline, schedule, directoryMaxAge, now, now + length).Run();
    }

    private sealed class Play(KeyTimeline timeline, RotationSchedule schedule, TimeSpan directoryMaxAge, DateTimeOffset start, DateTimeOffset end)
    {
        private readonly List<PlannedChange> _changes = [];
        private readonly List<PlanProblem> _problems = [];
        private readonly Dictionary<PlanRule, PlanProblem> _open = [];
        private KeyTimeline _timeline = timeline;

        public KeyForecast Run()
        {
            if (schedule.Grace <= directoryMaxAge)
                _problems.Add(new PlanProblem(PlanRule.Grace, start));

            DateTimeOffset last = start;
            for (DateTimeOffset now = start; now < end; last = now, now = Step(now))
            {
                RecordTakeovers(last, now);
            }

            _problems.AddRange(_open.Values);
            return new KeyForecast(
                [.. _changes.OrderBy(change => change.At).ThenBy(change => change.Serial)],
                [.. _problems.OrderBy(problem => problem.From).ThenBy(problem => problem.Rule)]);
        }

        /// <summary>Does what the schedule asks for now, checks the rules, and gives the next instant at which something changes.</summary>
        private DateTimeOffset Step(DateTimeOffset now)
        {
            KeyPlan plan = _timeline.Plan(schedule, now);
            _changes.AddRange(plan.Destroy.Select(entry => new PlannedChange(now, entry.Serial, KeyChange.GraceEnds)));
            if (plan.Create is not null)
                _changes.Add(new PlannedChange(now, plan.Create.Serial, KeyChange.Announced));
            if (plan.Create is not null || !plan.Destroy.IsEmpty)
                _timeline = new KeyTimeline(plan.Create is null ? _timeline.Entries.Except(plan.Destroy) : _timeline.Entries.Except(plan.Destroy).Append(plan.Create));

            KeyEntry? active = _timeline.Entries.LastOrDefault(entry => entry.ActiveFrom <= now);
            Check(PlanRule.Coverage, active is not null, now, serial: null);
            Check(PlanRule.LiveKeys, _timeline.Entries.Length <= RotationSchedule.MaxLive, now, serial: null);
            Check(PlanRule.Rotation, active is null || now - active.ActiveFrom <= 2 * schedule.Epochs.Length, now, active?.Serial);
            DateTimeOffset overdue = active is null ? DateTimeOffset.MaxValue : active.ActiveFrom + (2 * schedule.Epochs.Length) + TimeSpan.FromSeconds(1);
            DateTimeOffset next = _timeline.Plan(schedule, now).NextChange;
            return overdue > now && overdue < next ? overdue : next;
        }

        /// <summary>The first key of a ring takes over without a notice: there is nobody yet to whom it could be announced.</summary>
        private void RecordTakeovers(DateTimeOffset last, DateTimeOffset now)
        {
            foreach (KeyEntry entry in _timeline.Entries.Where(entry => entry.ActiveFrom > last && entry.ActiveFrom <= now))
            {
                _changes.Add(new PlannedChange(entry.ActiveFrom, entry.Serial, KeyChange.TakesOver));
                if (entry.ActiveFrom - entry.AnnouncedAt < directoryMaxAge)
                    _problems.Add(new PlanProblem(PlanRule.Notice, entry.ActiveFrom, Serial: entry.Serial));
            }
        }

        private void Check(PlanRule rule, bool holds, DateTimeOffset now, ulong? serial)
        {
            if (holds && _open.Remove(rule, out PlanProblem? problem))
                _problems.Add(problem with { Until = now });
            else if (!holds && !_open.ContainsKey(rule))
                _open.Add(rule, new PlanProblem(rule, now, Serial: serial));
        }
    }
}
