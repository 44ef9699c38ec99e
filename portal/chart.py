"""Charts as SVG path data: numbers in, path strings out. The macros of _chart.html draw them.

x is one unit a day (day i lies at i + .5); y is turned over, so that 0 lies at the bottom. A missing day breaks
the line and gets a dotted floor. Dots are strokes of almost no length with round caps: they stay round at any width.
"""

from collections.abc import Collection, Sequence

Values = Sequence[float | None]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def curve(values: Values, top: int = 10) -> str:
    """The curve through the answered days, broken at each day without an answer. Relative steps are fewer bytes."""
    path, before = "", None
    for i, value in enumerate(values):
        if value is not None and before is not None:
            path += f" 1 {_n(before - value)}"
        elif value is not None and i + 1 < len(values) and values[i + 1] is not None:
            path += f"M{_n(i + 0.5)} {_n(top - value)}l"
        before = value
    return path


def dots(values: Values, top: int = 10, only: Collection[int] | None = None) -> str:
    """A dot for each answered day, or for those of `only`."""
    return "".join(
        f"M{_n(i + 0.5)} {_n(top - value)}h.01"
        for i, value in enumerate(values)
        if value is not None and (only is None or i in only)
    )


def lone(values: Values, top: int = 10) -> str:
    """A dot for each answered day without an answered neighbor: where no dots are drawn, it would be lost."""
    around = [None, *values, None]
    return dots(values, top, [i for i in range(len(values)) if around[i] is None and around[i + 2] is None])


def gaps(missed: Sequence[bool], top: int = 10) -> str:
    """The dotted floor under each run of missed days."""
    path, start = "", None
    for i, gone in enumerate([*missed, False]):
        if gone and start is None:
            start = i
        elif not gone and start is not None:
            path += f"M{_n(start + 0.1)} {top}H{_n(i - 0.1)}"
            start = None
    return path


def marks(days: Collection[int], y: float) -> str:
    """A dot at height `y` for each of these days."""
    return "".join(f"M{_n(i + 0.5)} {_n(y)}h.01" for i in sorted(days))


def last(values: Values) -> int | None:
    """The index of the latest answered day."""
    return max((i for i, value in enumerate(values) if value is not None), default=None)


def answered(values: Values) -> list[float]:
    """The answers alone, oldest first."""
    return [value for value in values if value is not None]


def describe(values: Values, unit: str = "", missed: Sequence[bool] = ()) -> str:
    """The chart in words: how many days, lowest, highest, latest.

    With `missed` it tells days without a check-in from those with one that has no answer to this.
    """
    known = answered(values)
    if missed and known:
        said, gone = describe(values, unit), sum(missed)
        without = len(values) - len(known) - gone
        more = [f"{without} with a check-in but no answer to this."] if without else []
        return " ".join([*([f"{gone} without a check-in."] if gone else []), *more, said])
    if not known:
        return f"No answers in {len(values)} days."
    low, high, latest = (f"{value:g}{unit}" for value in (min(known), max(known), known[-1]))
    return f"{len(known)} of {len(values)} days answered. Lowest {low}, highest {high}, latest {latest}."


def summarize(name: str, values: Values) -> str:
    """A series in a few words: "mood 3 to 6, now 4"; "mood 4" when it has one value only, "no mood" when none."""
    known = answered(values)
    if not known:
        return f"no {name}"
    low, high, latest = (f"{value:g}" for value in (min(known), max(known), known[-1]))
    return f"{name} {low}" if low == high else f"{name} {low} to {high}, now {latest}"
