"""What the checks with Clang share: which files, with which flags, what has not changed since it passed.

Clang cannot read GCC's precompiled header, so it gets one of its own, made from the same cmake/pch.hpp.
"""
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("CARDEA_BUILD", ROOT / "build" / "dev"))
WORK = BUILD / "clang"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
GCC_ONLY = {"-fpch-preprocess", "-Winvalid-pch"}


def flags(command):
    """The flags of a compile command that Clang understands: no output, no precompiled header."""
    words = iter(shlex.split(command))
    kept = []
    for word in words:
        if word in ("-o", "-MT", "-MF", "-include"):
            next(words)
        elif word.startswith(("-D", "-I", "-isystem", "-std", "-f", "-m", "-W")) and word not in GCC_ONLY:
            kept.append(word)
            if word in ("-isystem", "-I", "-D"):
                kept.append(next(words))
    return kept


def compile_flags():
    """Source file → flags, from the build folder's compile_commands.json."""
    database = BUILD / "compile_commands.json"
    if not database.exists():
        sys.exit(f"{database} is missing: run `cmake --preset dev` first")
    commands = json.loads(database.read_text())
    return {Path(entry["file"]).resolve(): flags(entry["command"]) for entry in commands}


def project_sources(known):
    """The sources of this tree that the build compiles; generated ones are not ours to check."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.cpp"], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return sorted(path for path in paths if path.resolve() in known and path.exists())


def closure(path, seen=None):
    """A file and every file of ours that it includes."""
    seen = set() if seen is None else seen
    if path in seen or not path.exists():
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_text(errors="replace")):
        for folder in (ROOT / "src", ROOT, path.parent):
            if (folder / name).exists():
                closure((folder / name).resolve(), seen)
                break
    return seen


class Passed:
    """What passed before: a file is looked at again when it, a header of ours or the check changed."""

    def __init__(self, check, salt):
        self.folder = WORK / "passed" / check
        self.folder.mkdir(parents=True, exist_ok=True)
        self.salt = salt

    def mark(self, path, file_flags):
        digest = hashlib.sha256(" ".join([self.salt, *file_flags]).encode())
        for file in sorted(closure(path.resolve())):
            digest.update(str(file).encode())
            digest.update(file.read_bytes())
        return self.folder / digest.hexdigest()


making_header = threading.Lock()


def precompiled_header(any_flags):
    """Clang's own precompiled header for these flags; made when it is missing or out of date."""
    header = ROOT / "cmake" / "pch.hpp"
    base = [flag for flag in any_flags if not flag.startswith(("-DCARDEA_SOURCE", "-DCARDEA_VECTORS"))]
    key = hashlib.sha256((" ".join(base) + header.read_text()).encode()).hexdigest()[:16]
    output = WORK / f"pch-{key}.pch"
    with making_header:
        if not output.exists():
            WORK.mkdir(parents=True, exist_ok=True)
            command = ["clang++-19", *base, "-w", "-x", "c++-header", header, "-o", output]
            subprocess.run(command, check=True)
    return output


def run(check, paths, command, salt="", seconds=None):
    """Runs `command(path, flags)` → (ok, output) over the files, two at a time, and reports.

    Returns False when a file was refused. With a limit in seconds, files that were not reached are said.
    """
    known = compile_flags()
    paths = [path for path in paths if path.resolve() in known]
    passed = Passed(check, salt)
    started = time.monotonic()
    late = []

    def one(path):
        file_flags = known[path.resolve()]
        mark = passed.mark(path, file_flags)
        if mark.exists():
            return None
        if seconds is not None and time.monotonic() - started > seconds:
            late.append(path)
            return None
        ok, output = command(path, file_flags)
        if ok:
            mark.touch()
            return None
        return f"{os.path.relpath(path, ROOT)}:\n{output.strip()}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        refused = [text for text in pool.map(one, paths) if text]
    for text in refused:
        print(text)
    took = time.monotonic() - started
    rest = f", {len(late)} not reached in time" if late else ""
    print(f"{check}: {len(paths)} files, {len(refused)} refused{rest}, {took:.0f} s")
    for path in late:
        print(f"  not checked: {os.path.relpath(path, ROOT)}")
    return not refused
