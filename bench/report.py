# SPDX-License-Identifier: MIT

"""What became of the samples: a table, a CSV file, and a page with plots."""

import collections
import csv
import os
import statistics
import sys

from workloads import GROWTH, SERVERS, WORKLOADS

BASES = ("plain", "plain-client")
OURS = ("tlsloop", "tlsloop-client")
OUR_COLUMNS = ("tlsloop", "middle half", "target", "")
TEXT_COLUMNS = (0, 2, 6)  # the others are figures
SCALES = {"cpu_ns": (1000, "us"), "own_ns": (1000, "us")}


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Row:
    """A line of the table: a metric of a workload for every server."""

    def __init__(self, workload, metric):
        self.workload = workload
        self.name = workload.name + (f", {metric.what}" if metric.what else "")
        self.target = metric.target
        self.absolute = metric.absolute
        scale, unit = SCALES.get(metric.key, (1, ""))
        if metric.key.endswith("_bytes"):
            unit = "bytes"
        elif metric.key == "p99_us":
            unit = "us"
        self.scale = scale
        self.unit = f"{unit} / {workload.unit}" if metric.key != "p99_us" else unit
        self.values = {}  # of each server, the median
        self.ratios = {}  # to plain, the median of those in the same round
        self.spread = ""  # between which ratios the middle half of ours is

    def ours(self):
        """Our figure that the target is for."""
        figures = self.values if self.absolute else self.ratios
        return next((figures[name] for name in OURS if name in figures), None)

    def verdict(self):
        if self.target is None or self.ours() is None:
            return ""
        return "reached" if self.ours() <= self.target else "missed"


class Results:
    def __init__(self, samples):
        self.samples = samples
        self.rows = []
        table = collections.defaultdict(dict)
        for workload, metric, server, turn, value in samples:
            table[workload, metric, server][turn] = value
        for workload in WORKLOADS:
            for metric in workload.metrics:
                row = self.row(table, workload, metric)
                if row.values:
                    self.rows.append(row)
        self.growth = self.grown(table)

    @staticmethod
    def row(table, workload, metric):
        row = Row(workload, metric)
        bases = [
            table[workload.name, metric.key, base]
            for base in BASES
            if base in workload.servers
        ][0]
        for server in workload.servers:
            turns = table[workload.name, metric.key, server]
            if not turns:
                continue
            row.values[server] = statistics.median(turns.values())
            ratios = [v / bases[t] for t, v in turns.items() if t in bases]
            if ratios:
                row.ratios[server] = statistics.median(ratios)
            if server in OURS and len(ratios) > 3:
                low, _, high = statistics.quantiles(ratios, n=4)
                row.spread = f"{low:.2f}-{high:.2f}"
        return row

    @staticmethod
    def grown(table):
        many, few, _ = GROWTH
        growth = {}
        for server in SERVERS:
            top = table[many, "cpu_ns", server]
            bottom = table[few, "cpu_ns", server]
            ratios = [top[t] / bottom[t] for t in top if t in bottom]
            if ratios:
                growth[server] = statistics.median(ratios)
        return growth

    def servers(self):
        """Who was measured, in the order of the columns."""
        seen = {name for row in self.rows for name in row.values}
        return [name for name in SERVERS if name in seen]

    def lines(self, group=None):
        """The table, or that of |group|: a list of cells for each line; the
        first is the head."""
        rows = [r for r in self.rows if group in (None, r.workload.group)]
        measured = {name for row in rows for name in row.values}
        others = [
            name
            for name in self.servers()
            if name in measured and name not in BASES + OURS
        ]
        yield ["workload", "plain", "", *OUR_COLUMNS, *others]
        for row in rows:
            yield self.line(row, others)
        if self.growth and group in (None, "messages"):
            limit = GROWTH[2]
            ours = self.growth.get("tlsloop")
            yield [
                f"{GROWTH[0]} to {GROWTH[1]}",
                figure(self.growth.get("plain"), 3),
                "",
                figure(ours, 3),
                "",
                f"{limit}",
                "" if ours is None else "reached" if ours <= limit else "missed",
                *(figure(self.growth.get(name), 3) for name in others),
            ]

    @staticmethod
    def line(row, others):
        figures = row.values if row.absolute else row.ratios
        digits = 0 if row.absolute else 3
        base = next((row.values[b] for b in BASES if b in row.values), None)
        return [
            row.name,
            figure(base and base / row.scale, 0 if row.absolute else 2),
            row.unit,
            figure(row.ours(), digits),
            "" if row.absolute else row.spread,
            figure(row.target, 0 if row.absolute else 2),
            row.verdict(),
            *(figure(figures.get(name), digits) for name in others),
        ]

    def print_table(self):
        progress("")
        lines = list(self.lines())
        widths = [max(map(len, column)) for column in zip(*lines)]
        for line in lines:
            cells = (
                cell.ljust(width) if i in TEXT_COLUMNS else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths))
            )
            print("  ".join(cells).rstrip())


def figure(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def write_csv(folder, results):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "results.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("workload", "metric", "server", "round", "value"))
        writer.writerows(results.samples)
