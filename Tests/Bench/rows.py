"""Rows of a table: wall times of the two engines, in turn, in one run."""

import statistics
import time

HEAD = "| ms, median [min-max] | skiff | dockerd | dockerd / skiff |\n|---|---|---|---|"


def timed(action):
    start = time.monotonic()
    action()
    return (time.monotonic() - start) * 1000


def row(title, rounds, ours, theirs, prepare=lambda side: None):
    """Runs the two in turn, after a warm-up of each, and prints the figures."""
    samples = ([], [])
    for round_number in range(rounds + 1):
        for side, action in enumerate((ours, theirs)):
            prepare(side)
            taken = timed(action)
            if round_number:
                samples[side].append(taken)
    def text(values):
        return f"{statistics.median(values):.0f} [{min(values):.0f}-{max(values):.0f}]"
    ratios = [b / a for a, b in zip(*samples)]
    print(f"| {title} | {text(samples[0])} | {text(samples[1])} | "
          f"{statistics.median(ratios):.1f} [{min(ratios):.1f}-{max(ratios):.1f}] |", flush=True)
