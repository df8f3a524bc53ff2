# SPDX-License-Identifier: MIT

"""The generated parts of docs/performance.md, and its plots."""

import os
import platform
import re
import shutil
import subprocess
import textwrap

import network
from report import TEXT_COLUMNS, figure
from workloads import CLIENTS, GROUPS

DOCS = "docs/performance.md"
FOLDER = "docs/performance"
BEGIN = "<!-- generated: {} -->\n"
END = "<!-- end of generated -->\n"

# What says which version of a program or library is installed.
VERSIONS = (
    ("OpenSSL", ("openssl", "version")),
    ("libuv", ("pkg-config", "--modversion", "libuv")),
    ("libevent", ("pkg-config", "--modversion", "libevent")),
    ("Node", ("node", "--version")),
    ("Python", ("/usr/bin/python3", "--version")),
    (
        "uvloop",
        ("/usr/bin/python3", "-c", "import uvloop; print(uvloop.__version__)"),
    ),
    ("nginx", ("nginx", "-v")),
    ("HAProxy", ("haproxy", "-v")),
    ("h2o", ("h2o", "--version")),
)

PLOT = """
set terminal svg size 960,420 font "sans-serif,11" background "#ffffff"
set style data histogram
set style histogram clustered gap 1.5
set style fill solid 0.9 noborder
set boxwidth 0.9 relative
set grid ytics lc rgb "#dddddd"
set border 3 lc rgb "#888888"
set tics nomirror
set key outside right top
set title "{title}"
set ylabel "{label}"
set yrange [0:{top}]
set datafile missing "-"
{line}
$data << EOD
{data}
EOD
plot {columns}
"""

COLOURS = {
    "tlsloop": "#0b6e4f",
    "plain": "#444444",
    "limit": "#bbbbbb",
}
OTHER_COLOURS = (
    "#4c72b0",
    "#dd8452",
    "#8172b3",
    "#c44e52",
    "#937860",
    "#da8bc3",
    "#ccb974",
    "#64b5cd",
)


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    return found.group(1) if found else platform.machine()


def version(command):
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    program = shutil.which(command[0], path=path)
    if program is None:
        return None
    done = subprocess.run(
        [program, *command[1:]], capture_output=True, timeout=20, check=False
    )
    text = (done.stdout + done.stderr).decode(errors="replace")
    found = re.search(r"\d+\.\d+(\.\d+)?", text)
    return found.group(0) if found else None


def rounds_of(results, servers):
    """How many rounds there were time for with one of |servers|, at most."""
    return 1 + max(
        (turn for _, _, name, turn, _ in results.samples if name in servers),
        default=0,
    )


def machine(results, args):
    """What was measured on, and how."""
    peers = set(results.servers()) - {"plain", "tlsloop"}
    rounds = rounds_of(results, ("plain", "tlsloop"))
    kernel = re.match(r"[0-9.]*[0-9]", platform.release()).group(0)
    versions = [f"{name} {version(command)}" for name, command in VERSIONS]
    text = (
        f"Measured on {cpu_model()}, {os.cpu_count()} processors, "
        f"{platform.system()} {kernel}, with "
        + ", ".join(v for v in versions if not v.endswith(" None"))
        + f". Loopback with TCP {network.congestion()}, {rounds} rounds, "
        f"{rounds_of(results, peers)} of the others, {args.seconds:g} seconds "
        f"and {args.bytes / 1e9:g} GB for each measurement."
    )
    return textwrap.fill(text, 80) + "\n"


def markdown(lines):
    lines = list(lines)
    head = lines[0]
    right = [i not in TEXT_COLUMNS for i in range(len(head))]
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---:" if r else "---" for r in right) + " |"
    for line in lines[1:]:
        yield "| " + " | ".join(line) + " |"


def tables(results):
    """A table for each group of workloads, with its plot."""
    for group, title in GROUPS.items():
        lines = list(results.lines(group))
        if len(lines) < 2:
            continue
        yield f"### {title}\n"
        yield f"![{title}](performance/{group}.svg)\n"
        yield "\n".join(markdown(lines)) + "\n"


def replace(text, name, part):
    """|text| with |part| as its generated part |name|."""
    begin = BEGIN.format(name)
    start = text.index(begin) + len(begin)
    return text[:start] + part + text[text.index(END, start) :]


def renew(name, part):
    """Renews one generated part of the page."""
    with open(DOCS, encoding="utf-8") as file:
        text = file.read()
    with open(DOCS, "w", encoding="utf-8") as file:
        file.write(replace(text, name, part))


def plot(group, title, rows, servers):
    """Draws one group's ratios, or bytes, to its SVG file."""
    absolute = all(row.absolute for row in rows)
    servers = [
        name
        for name in (*servers, *CLIENTS)
        if any(values(row).get(name) for row in rows)
    ]
    data = []
    for row in rows:
        cells = [figure(values(row).get(s), 4) or "-" for s in servers]
        data.append(" ".join([f'"{row.name}"', *cells]))
    others = iter(OTHER_COLOURS)
    columns = []
    for i, server in enumerate(servers):
        colour = COLOURS.get(server.removesuffix("-client")) or next(others)
        using = f"using {i + 2}:xtic(1)" if i == 0 else f"using {i + 2}"
        columns.append(f'$data {using} title "{server}" lc rgb "{colour}"')
    script = PLOT.format(
        title=title,
        label="bytes" if absolute else "CPU time, plain = 1",
        top="*" if absolute else "*<4",
        line="" if absolute else 'set arrow 1 from graph 0, first 1 to graph 1,'
        ' first 1 nohead lc rgb "#444444" dt 2',
        data="\n".join(data),
        columns=", \\\n  ".join(columns),
    )
    done = subprocess.run(
        ["gnuplot"], input=script.encode(), capture_output=True, check=True
    )
    path = os.path.join(FOLDER, f"{group}.svg")
    with open(path, "wb") as file:
        file.write(done.stdout)


def values(row):
    return row.values if row.absolute else row.ratios


def write(results, args):
    """Renews what is generated of the page."""
    os.makedirs(FOLDER, exist_ok=True)
    for group, title in GROUPS.items():
        rows = [row for row in results.rows if row.workload.group == group]
        if rows:
            plot(group, title, rows, results.servers())
    renew("machine", machine(results, args))
    renew("results", "\n".join(tables(results)))
