"""Writes numpy.json beside it: what NumPy says of some arrays. Needs NumPy 2; run once, with `python3 testdata/numeric/generate.py`."""

import json
import pathlib

import numpy as np

Q = [0, 0.01, 0.25, 0.5, 0.9, 1]


def case(name, data, bins=7, window=3):
    data = np.asarray(data, dtype=np.float64)
    window = min(window, len(data))
    means = np.lib.stride_tricks.sliding_window_view(data, window).mean(axis=1)
    return {
        "name": name,
        "data": data.tolist(),
        "sum": float(np.sum(data)),
        "mean": float(np.mean(data)),
        "variance": float(np.var(data)),
        "quantiles": {"q": Q, "values": np.quantile(data, Q).tolist()},
        "histogram": {"bins": bins, "counts": np.histogram(data, bins)[0].tolist()},
        "argsort": np.argsort(data, kind="stable").tolist(),
        "rolling": {"window": window, "means": means.tolist()},
    }


random = np.random.default_rng(20261124)
cases = [
    case("one", [3]),
    case("two", [3, -1]),
    case("equal", [5] * 20),
    case("edges of bins", np.arange(0, 8) / 8, bins=8),
    case("tenths", np.arange(0, 1.01, 0.1), bins=10),
    case("steps", np.repeat(np.arange(10), 5)),
    case("large offset", 1e9 + random.random(200)),
    case("both signs", [-3, -2.5, 0, 1, 2, 100]),
]
for size in (10, 100, 1000):
    cases += [
        case(f"uniform {size}", random.random(size), bins=10, window=5),
        case(f"normal {size}", random.normal(size=size), bins=13, window=9),
        case(f"exponential {size}", random.exponential(size=size), bins=16, window=2),
        case(f"integers {size}", random.integers(-5, 5, size=size), bins=5, window=4),
    ]

path = pathlib.Path(__file__).with_name("numpy.json")
path.write_text(json.dumps({"numpy": np.__version__, "cases": cases}, separators=(",", ":")) + "\n")
