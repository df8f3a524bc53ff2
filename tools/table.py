"""Tables in docs/ whose rows name the tests that prove them, for the lints
that hold them to the truth."""

import os
import re

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TEST = re.compile(r"`(tests/[a-z0-9/_.-]+)(?::([a-z0-9_]+))?`")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def programs():
    """The tests that `make check` runs, as tests/local.mk lists them."""
    text = read("tests/local.mk").replace("\\\n", " ")
    lists = re.findall(
        r"^(?:check_PROGRAMS|script_tests) \+= (.*)$", text, re.M)
    return {name for names in lists for name in names.split()}


def is_registered(path, name):
    """Whether the file |path| defines the test |name| and adds it to a case,
    by itself or in an array of tests."""
    text = read(path)
    if path.endswith(".py"):
        return re.search(rf"^def {name}\(", text, re.M) is not None
    return (f"START_TEST({name})" in text
            and len(re.findall(rf"\b{name}\b", text)) > 1)


class Table:
    """The numbered rows of the document |path|, of |width| cells each."""

    def __init__(self, path, width):
        self.path = path
        self.width = width
        self.run = programs()
        self.faults = []

    def fault(self, row, text):
        self.faults.append(f"{self.path}: row {row}: {text}")

    def rows(self):
        """The cells of each row, which is there once."""
        seen = set()
        for line in read(self.path).splitlines():
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            cells = [cell.strip() for cell in cells]
            if not cells or not re.fullmatch(r"\d{3}", cells[0]):
                continue
            if cells[0] in seen:
                self.fault(cells[0], "it is there twice")
            seen.add(cells[0])
            if len(cells) != self.width:
                self.fault(cells[0],
                           f"it has {len(cells)} cells, not {self.width}")
            else:
                yield cells

    def check_tests(self, row, cell):
        """Each test of |cell| exists and is run. Returns how many."""
        tests = TEST.findall(cell)
        if len(tests) != cell.count("`") // 2:
            self.fault(row, "it names something that is no test")
        for path, name in tests:
            if not os.path.exists(os.path.join(TOP, path)):
                self.fault(row, f"there is no {path}")
                continue
            stem = path[:-2] if path.endswith(".c") else path
            if stem not in self.run:
                self.fault(row, f"{path} is not run")
            if name and not is_registered(path, name):
                self.fault(row, f"{path} does not run {name}")
        return len(tests)

    def check_numbers(self, seen, wanted):
        """The rows |seen| are the |wanted|."""
        wanted = {f"{number:03}" for number in wanted}
        for row in sorted(wanted ^ seen):
            self.fault(row, "it is missing" if row in wanted
                       else "there is no such row")

    def conclude(self, seen):
        """Prints what was found. Returns the status to exit with."""
        for text in self.faults:
            print(text)
        print(f"{len(seen)} rows, {len(self.faults)} faults")
        return 1 if self.faults else 0
