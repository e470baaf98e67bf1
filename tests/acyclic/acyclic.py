#!/usr/bin/env python3
"""Names every circle between the top-level modules of a crate: `a` uses `crate::b`, and `b`, by whatever way round, `crate::a`.

Tests may use anything. A name that the crate's root hands on counts as a use of the module that it comes from.
"""
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|r(#*)".*?"\1|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'', re.DOTALL)
# As rustfmt has it: the end is the first brace that is not indented.
TESTS = re.compile(r"^#\[cfg\(test\)\]\s+(#\[.*\]\s+)*mod \w+ \{.*?^\}", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"\b(crate|super(?:::super)*)::(\w+|\{)")
EXPORT = re.compile(r"\bpub use (\w+)::(\w+|\{)")


def code(path):
    """A file without comments, texts and tests."""
    return TESTS.sub("", NOT_CODE.sub(" ", path.read_text()))


def names(text, found):
    """The first names of a path that goes on by one name or by a group of them."""
    if found[2] != "{":
        return [found[2]]
    group, inner = text[found.end() : text.index(";", found.end())], None
    while group != inner:
        group, inner = re.sub(r"\{[^{}]*\}", "", group), group
    return re.findall(r"(?:^|,)\s*(\w+)", group)


def uses(source):
    """For each top-level module of a crate, the others it uses."""
    roots = [path for path in (source / "lib.rs", source / "main.rs") if path.exists()]
    exports = {}
    for text in map(code, roots):
        exports |= {name: found[1] for found in EXPORT.finditer(text) for name in names(text, found)}
    graph = {}
    for path in sorted(set(source.rglob("*.rs")) - set(roots)):
        parts = path.relative_to(source).with_suffix("").parts
        if "tests" in parts:
            continue
        depth = len(parts) - (parts[-1] == "mod")
        text, used = code(path), graph.setdefault(parts[0], set())
        for found in PATH.finditer(text):
            if found[1] == "crate" or found[1].count("super") == depth:
                used.update(exports.get(name, name) for name in names(text, found))
    return {module: used & graph.keys() - {module} for module, used in graph.items()}


def circle(graph):
    """The modules of one circle, each of which uses the next; none where there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found = error.args[1][:0:-1]
        first = found.index(min(found))
        return [*found[first:], *found[: first + 1]]


def fault(crate):
    """What is wrong with the crate in a folder, if anything is."""
    if found := circle(uses(crate / "src")):
        return f"{crate}: a circle of modules: {' uses '.join(found)}"


if __name__ == "__main__":
    crates = sorted(path.parent for path in Path().glob("*/*/Cargo.toml"))
    sys.exit("\n".join(filter(None, map(fault, crates))) or None)
