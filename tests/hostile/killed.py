"""Kill whoever writes an output folder, at every moment, and look what is left.

    python tests/hostile/killed.py FOLDER              the short version, which the tests run
    python tests/hostile/killed.py FOLDER --calls      before and after each call of the C library
    python tests/hostile/killed.py FOLDER --calls 200  whole runs, 200 drawn from the first write
    python tests/hostile/killed.py FOLDER --runs 50    whole runs, at random moments

FOLDER is empty or absent. After each kill the former or the new folder must be
there or be put back, and the next run must give the same bytes and leave
nothing else. The short version kills before each event that Python audits and
around each `fsync`; `--calls` preloads a shim, built with gcc, that also sees
what GDAL and SQLite do. Linux only.
"""

import argparse
import ctypes
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import phusong
from phusong.export import folder as swap
from phusong.export import manifest, output_folder, read_manifest, recover_output, write_manifest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from synthetic import write_small_study

State = dict[str, str] | None

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
static long left;
void arm(long moments) { left = moments; }
static void begin(const char *p) {  // of a whole run: from the first write on
  if (left == 0 && getenv("KILL_AT") && strstr(p, ".phusong-new")) left = atol(getenv("KILL_AT"));
}
__attribute__((destructor)) static void tell(void) {
  if (getenv("KILL_AT") && left > 0) fprintf(stderr, "%ld moments left\n", left);
}
static void moment(void) { if (left > 0 && --left == 0) kill(getpid(), SIGKILL); }
#define WATCH(type, name, parameters, arguments) \
  type name parameters { \
    static type (*real) parameters; \
    if (!real) real = dlsym(RTLD_NEXT, #name); \
    moment(); type result = real arguments; moment(); return result; }
WATCH(int, open, (const char *p, int f, mode_t m), (p, f, m))
WATCH(int, open64, (const char *p, int f, mode_t m), (p, f, m))
WATCH(int, openat, (int d, const char *p, int f, mode_t m), (d, p, f, m))
WATCH(int, openat64, (int d, const char *p, int f, mode_t m), (d, p, f, m))
WATCH(FILE *, fopen, (const char *p, const char *m), (p, m))
WATCH(FILE *, fopen64, (const char *p, const char *m), (p, m))
WATCH(size_t, fwrite, (const void *b, size_t s, size_t n, FILE *f), (b, s, n, f))
WATCH(int, fflush, (FILE *f), (f))
WATCH(int, fclose, (FILE *f), (f))
WATCH(ssize_t, write, (int d, const void *b, size_t n), (d, b, n))
WATCH(ssize_t, writev, (int d, const struct iovec *v, int n), (d, v, n))
WATCH(ssize_t, pwrite, (int d, const void *b, size_t n, off_t o), (d, b, n, o))
WATCH(ssize_t, pwrite64, (int d, const void *b, size_t n, off64_t o), (d, b, n, o))
WATCH(ssize_t, sendfile, (int o, int i, off_t *p, size_t n), (o, i, p, n))
WATCH(ssize_t, sendfile64, (int o, int i, off64_t *p, size_t n), (o, i, p, n))
WATCH(int, ftruncate, (int d, off_t n), (d, n))
WATCH(int, ftruncate64, (int d, off64_t n), (d, n))
WATCH(int, fsync, (int d), (d))
WATCH(int, fdatasync, (int d), (d))
WATCH(int, flock, (int d, int o), (d, o))
WATCH(int, close, (int d), (d))
int mkdir(const char *p, mode_t m) {
  static int (*real)(const char *, mode_t);
  if (!real) real = dlsym(RTLD_NEXT, "mkdir");
  begin(p); moment(); int result = real(p, m); moment(); return result; }
WATCH(int, mkdirat, (int d, const char *p, mode_t m), (d, p, m))
WATCH(int, rmdir, (const char *p), (p))
WATCH(int, unlink, (const char *p), (p))
WATCH(int, unlinkat, (int d, const char *p, int f), (d, p, f))
WATCH(int, rename, (const char *a, const char *b), (a, b))
WATCH(int, renameat, (int d, const char *a, int e, const char *b), (d, a, e, b))
WATCH(int, renameat2, (int d, const char *a, int e, const char *b, unsigned f), (d, a, e, b, f))
"""

_left = 0


def _moment() -> None:
    global _left
    if _left > 0:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def audit() -> Callable[[int], None]:
    """Watch what Python tells of files; return how to arm."""
    fsync = os.fsync

    def watched(handle: int) -> None:
        _moment()
        fsync(handle)
        _moment()

    os.fsync = watched  # Python audits it not
    sys.addaudithook(
        lambda event, _: (
            event.startswith(("open", "os.", "shutil.", "fcntl.", "ctypes.")) and _moment()
        )
    )

    def arm(moments: int) -> None:
        global _left
        _left = moments

    return arm


def shim(home: Path) -> Path:
    """Build the shim."""
    home.mkdir(parents=True, exist_ok=True)
    source, library = home / "shim.c", home / "shim.so"
    source.write_text(SHIM, encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def preload(home: Path) -> Callable[[int], None]:
    """Start this program again under the shim, or, if it runs under it, return how to arm."""
    if "LD_PRELOAD" not in os.environ:
        under = {**os.environ, "LD_PRELOAD": str(shim(home))}
        os.execve(sys.executable, [sys.executable, *sys.argv], under)
    arm = ctypes.CDLL(None).arm
    arm.argtypes = [ctypes.c_long]
    return lambda moments: arm(moments)


def look(folder: Path) -> State:
    """Return the digests of a folder's files, or None if there is none."""
    if not folder.exists():
        return None
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def in_child(work: Callable[[], object]) -> bool:
    """Do work in a forked process; return whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as fault:
            print(repr(fault), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), f"the writer failed by itself: {code}"
    return code == 0


class Trial:
    """One folder that is written again and again, over an older one or for the first time."""

    def __init__(self, home: Path, older: Path | None, write: Callable[[Path], object]) -> None:
        self.home, self.older, self.write = home, older, write
        self.reset()
        self.before = look(self.out)
        write(self.out)
        self.after = look(self.out)
        assert self.after not in (None, self.before)
        self.seen: Counter[str] = Counter()

    @property
    def out(self) -> Path:
        return self.home / "out"

    def reset(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        if self.older is not None:
            shutil.copytree(self.older, self.out)

    def judge(self) -> None:
        """Look what a kill left; let a reader put it back, and let the next run follow."""
        self.seen["put back"] += recover_output(self.out)
        left = look(self.out)
        assert left in (self.before, self.after), f"neither the former nor the new: {left}"
        self.seen["new" if left == self.after else "former"] += 1
        self.write(self.out)
        assert look(self.out) == self.after, "the next run gave other bytes"
        beside = sorted(path.name for path in self.home.iterdir())
        assert beside == ["out"], f"left behind: {beside}"

    def kill_at(self, moment: int, arm: Callable[[int], None]) -> bool:
        """Kill at a moment, counted from 1; return whether there is such a moment."""

        def armed() -> None:
            arm(moment)
            self.write(self.out)
            arm(0)

        self.reset()
        if in_child(armed):
            return False
        self.judge()
        return True

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))


def every_moment(trial: Trial, arm: Callable[[int], None]) -> int:
    """Kill at every moment; return how many there were."""
    moment = 1
    while trial.kill_at(moment, arm):
        moment += 1
    return moment - 1


def copy(source: Path, names: list[str] | None) -> Callable[[Path], None]:
    """Return how to write a folder from the files of a finished one."""

    def write(out: Path) -> None:
        with output_folder(out, results=True) as fresh:
            for entry in read_manifest(source).outputs:
                if names is None or entry.path in names:
                    (fresh / entry.path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source / entry.path, fresh / entry.path)
            write_manifest(fresh, parameters={}, inputs={})

    return write


FEW = ["index.html", "geojson/schema/dictionary.json"]


def main() -> None:
    """Kill, and print how many moments there were and what was left at them."""
    parser = argparse.ArgumentParser(description="Kill whoever writes an output folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", type=Path, help="a finished output of the small study")
    parser.add_argument("--calls", type=int, nargs="?", const=0)
    parser.add_argument("--runs", type=int)
    given = parser.parse_args()
    home = given.folder.absolute()
    study, source, older = home / "study", given.source or home / "source", home / "older"
    if given.source is None:
        write_small_study(study)
        phusong.run(phusong.open_study(study), threads=1).write(source, replace=True)
    # Reading what is installed for each of hundreds of manifests would take most of the time.
    installed = manifest.versions()
    manifest.versions = lambda: installed
    copy(source, FEW[1:])(older)
    if given.runs or given.calls:
        whole_runs(home, study, older, runs=given.runs or 0, calls=given.calls or 0)
        return
    arm = audit() if given.calls is None else preload(home)
    write = copy(source, FEW if given.calls is None else None)
    for what, over, exchange in (
        ("over an older folder, one step", older, swap._exchange),
        ("over an older folder, two renames", older, lambda one, other: False),
        ("first run", None, swap._exchange),
    ):
        swap._exchange = exchange
        trial = Trial(home / "copied", over, write)
        print(f"{what}: {every_moment(trial, arm)} moments, {trial}", flush=True)


def whole_runs(home: Path, study: Path, older: Path, *, runs: int, calls: int) -> None:
    """Kill `phusong run` at moments of the clock, then at calls of the C library."""
    cache = home / "cache"

    def run(out: Path) -> None:
        found = phusong.run(phusong.open_study(study), threads=2, cache_folder=cache)
        found.write(out)

    def command(out: Path, after_s: float | None = None, **environment: str) -> str | None:
        """Return what a whole run says, or None if it was killed."""
        words = ["-m", "phusong", "run", study, "--out", out, "--cache", cache]
        try:
            done = subprocess.run(
                [sys.executable, *words], timeout=after_s, check=False, capture_output=True,
                text=True, env={**os.environ, **environment},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.stderr if done.returncode == 0 else None

    trial = Trial(home / "runs", older, run)
    drawn = random.Random(98)
    if runs:
        clock = time.perf_counter()
        command(home / "timed" / "out")
        whole_s = time.perf_counter() - clock
        for _ in range(runs):
            trial.reset()
            shutil.rmtree(cache, ignore_errors=True)
            if command(trial.out, drawn.uniform(0, whole_s)) is None:
                trial.judge()
        print(f"whole runs, by the clock: {trial}", flush=True)
    if calls:
        trial.seen.clear()
        library, many = str(shim(home)), 1 << 40
        told = command(home / "counted" / "out", LD_PRELOAD=library, KILL_AT=str(many))
        moments = many - int(told.splitlines()[-1].split()[0])
        for moment in sorted(drawn.sample(range(1, moments + 1), calls)):
            trial.reset()
            if command(trial.out, LD_PRELOAD=library, KILL_AT=str(moment)) is None:
                trial.judge()  # else this run had fewer calls: threads share their work otherwise
        print(f"whole runs, by the call: {moments} moments, {trial}", flush=True)


if __name__ == "__main__":
    main()
