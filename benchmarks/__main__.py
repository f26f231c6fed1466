"""`make bench`: every figure of docs/benchmarks.md, as ratios within one run.

python -m benchmarks [--items 100000] [--due 100000] [--large 200000] [--small 2000]
                     [--folder .bench] [--only PART]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from benchmarks.exports import DAY, GREETINGS, texts, write_export
from benchmarks.folder_store import by_a_bare_loop, by_the_store, invented, rate
from benchmarks.ground import Run, an_archive, archiver, compiled, told, watched
from benchmarks.index_alone import index_alone

LIMIT_MB = 300
NEW, DUE = 1_000, 300
FLAT_MB = 32


def line(what: str, figure: str, bound: str, held: bool) -> None:  # noqa: FBT001 - a table's cell
    print(f"| {what} | {figure} | {bound} | {'held' if held else 'MISSED'} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=200_000)
    parser.add_argument("--small", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    parser.add_argument("--only", help="one of: help store import night purge connector")
    asked = parser.parse_args()
    compiled()
    if asked.folder.exists():
        shutil.rmtree(asked.folder)
        print(
            "what a run before left was removed: for minutes, files are made slowly",
            file=sys.stderr,
        )
    asked.folder.mkdir()
    print("| what | figure | bound | |\n|---|---|---|---|")
    parts = {
        "help": help_answers,
        "store": lambda: store_keeps(asked.folder),
        "import": lambda: imports(asked.folder, asked.items),
        "night": lambda: nights(asked.folder, asked.small, asked.large),
        "purge": lambda: purges(asked.folder, asked.due),
        "connector": lambda: a_long_thread(asked.folder, asked.items),
    }
    for name, part in parts.items():
        if asked.only in (None, name):
            part()
    shutil.rmtree(asked.folder)  # only now: see `rate`


def help_answers() -> None:
    seconds = sorted(
        watched([sys.executable, "-m", "archiver", "--help"]).seconds for _ in range(5)
    )
    line("`archiver --help`", f"{seconds[2]:.2f} s", "under 0.4 s", seconds[2] < 0.4)


def store_rate(folder: Path, objects: int = 10_000) -> tuple[float, float]:
    made = invented(objects, 400)
    store = rate(by_the_store, made, 500, folder)
    bare = rate(by_a_bare_loop, made, 500, folder)
    return store, bare


def store_keeps(folder: Path) -> None:
    pairs = sorted(store_rate(folder) for _ in range(3))
    store, bare = pairs[1]
    line(
        "folder store against a bare batch loop",
        f"{store:,.0f} / {bare:,.0f} objects/s = {store / bare:.2f}",
        "at least 0.5",
        store / bare >= 0.5,
    )


def imports(folder: Path, items: int) -> None:
    export = folder / "export.zip"
    moments = itertools.count(1_500_000_000, 60)
    write_export(export, zip(moments, texts(items, seed=5), strict=False))
    config = an_archive(folder / "with-index")
    whole = archiver(config, "import", str(export), "--page", "export", "--json")
    alone = index_alone(list(texts(min(items, 20_000), seed=5)), folder / "alone")
    pipeline = items / whole.seconds
    line(
        f"import of {items:,} with the index, against Whoosh alone",
        f"{pipeline:,.0f} / {alone:,.0f} items/s = {pipeline / alone:.2f}",
        "at least 0.8",
        pipeline / alone >= 0.8,
    )
    memory("… its largest process", whole)
    verify_reads(config)
    bare = an_archive(folder / "without-index")
    os.sync()  # as before the store's own rate: what was written for others is not our wait
    without = watched([sys.executable, "-m", "benchmarks.without_index", str(bare), str(export)])
    figures = json.loads(without.output)
    speed = figures["items"] / figures["seconds"]
    store, _ = store_rate(folder)
    bound = min(4_000.0, store / 2)
    line(
        f"import of {items:,} without the index (folder store keeps {store:,.0f}/s)",
        f"{speed:,.0f} items/s",
        f"at least {bound:,.0f} items/s",
        speed >= bound,
    )
    memory("… its largest process", without)


def verify_reads(config: Path) -> None:
    objects = config.parent / "archive" / "objects" / "items"
    pairs = []
    for _ in range(3):
        files, baseline = sha256sum_of_all(objects)
        run = archiver(config, "verify", "--read-data", "--json")
        answer = told(run)
        if not answer["ok"] or answer["read"] != files:
            raise SystemExit(f"verify did not find {files:,} files whole: {run.output[:500]}")
        pairs.append((baseline / run.seconds, baseline, run))
    ratio, baseline, run = sorted(pairs, key=itemgetter(0))[1]
    line(
        f"`verify --read-data` over {files:,} files, against sha256sum",
        f"{ratio:.2f} ({run.seconds:.1f} s / {baseline:.1f} s)",
        "at least 0.5",
        ratio >= 0.5,
    )
    memory("… its largest process", run)


def sha256sum_of_all(folder: Path) -> tuple[int, float]:
    """Let sha256sum read every file in *folder*; give how many, and the seconds it took."""
    begun = time.perf_counter()
    found = subprocess.run(
        ["find", str(folder), "-type", "f", "-print0"], check=True, capture_output=True
    )
    sums = subprocess.run(
        ["xargs", "-0", "sha256sum"], check=True, capture_output=True, input=found.stdout
    )
    return len(sums.stdout.splitlines()), time.perf_counter() - begun


def nights(folder: Path, small: int, large: int) -> None:
    for placed in ("together", "scattered"):
        taken = {size: a_night(folder, size, placed) for size in (small, large)}
        ratio = taken[large]["seconds"] / taken[small]["seconds"]
        line(
            f"a night ({NEW:,} new, {DUE} purged, {placed}) on {large:,} against {small:,}",
            f"{taken[large]['seconds']:.1f} / {taken[small]['seconds']:.1f} s = {ratio:.2f}",
            "under 2",
            ratio < 2,
        )
        peak = max(night["peak_mb"] for night in taken.values())
        line("… its process", f"{peak:.0f} MB", f"under {LIMIT_MB} MB", peak < LIMIT_MB)


def a_night(folder: Path, size: int, placed: str) -> dict[str, float]:
    """Fill an archive, let a night settle it, and measure the next one."""
    config = an_archive(folder / f"night-{size}-{placed}")
    write_export(folder / "base.zip", base(size, placed))
    archiver(config, "import", str(folder / "base.zip"), "--page", "export", "--json")
    new = zip(itertools.count(int(time.time()), 7), texts(NEW, seed=9), strict=False)
    write_export(folder / "new.zip", new)
    settling = zip([1_400_000_000], ["a first night looks at every thread once"], strict=True)
    write_export(folder / "settling.zip", settling)
    night(config, folder / "settling.zip", days=0)
    os.sync()  # the night before, and the filling, are not to be waited for in this one
    answer = night(config, folder / "new.zip", days=30)
    if (answer["new"], answer["destroyed"]) != (NEW, DUE):
        raise SystemExit(f"the night was another: {answer}")
    return answer


def base(size: int, placed: str) -> Iterator[tuple[int, str]]:
    """Make an archive's posts, oldest first, with the greetings that fall due in 30 days."""
    now = int(time.time())
    due_day = now - 45 * DAY
    made = texts(size - DUE, seed=3)
    dice = random.Random(4)
    old = now - 2_000 * DAY
    if placed == "together":
        for place, text in enumerate(made):
            yield old + place * 60, text
        for place in range(DUE):
            yield due_day + place, GREETINGS[place % len(GREETINGS)]
        return
    at = set(dice.sample(range(size), DUE))
    greeted = 0
    for place in range(size):
        if place in at:
            yield due_day + greeted, GREETINGS[greeted % len(GREETINGS)]
            greeted += 1
        else:
            yield old + place * 60, next(made)


def night(config: Path, export: Path, *, days: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.night", str(config), str(export), str(days)]
    figures: dict[str, float] = json.loads(watched(command).output)
    return figures


def purges(folder: Path, due: int) -> None:
    """Purge an archive of which everything is due; killed in the middle, and run again."""
    config = an_archive(folder / "purge")
    began = int(time.time()) - 55 * DAY
    greetings = ((began + n, GREETINGS[n % len(GREETINGS)]) for n in range(due))
    write_export(folder / "due.zip", greetings)
    archiver(config, "import", str(folder / "due.zip"), "--page", "export", "--json")
    settling = zip([1_400_000_000], ["a look at the page after all of it was due"], strict=True)
    write_export(folder / "settling.zip", settling)
    command = [sys.executable, "-m", "benchmarks.night", str(config), str(folder / "settling.zip")]
    watched([*command, "30", "propose"])
    halves = [a_purge(config, due // 2), a_purge(config, 0)]
    destroyed = sum(int(half["destroyed"] + half["resumed"]) for half in halves)
    if destroyed != due:
        raise SystemExit(f"{destroyed:,} of {due:,} were destroyed: {halves}")
    index = sum(half["index"] for half in halves)
    seconds = sum(half["seconds"] for half in halves) - index
    worked = sum(half["processor"] for half in halves)
    line(
        f"a purge of {due:,}, killed in the middle and run again, without the index",
        f"{due / seconds:,.0f} items/s ({worked * 1e6 / due:.0f} µs of processor an item)",
        "at least 2,000 items/s",
        due / seconds >= 2_000,
    )
    line("… rewriting the index", f"{due / index:,.0f} items/s", "reported apart", held=True)
    peak = max(half["peak_mb"] for half in halves)
    line("… its process", f"{peak:.0f} MB", f"under {LIMIT_MB} MB", peak < LIMIT_MB)


def a_purge(config: Path, kill_at: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.purge", str(config), "31", str(kill_at)]
    run = watched(command, may_be_killed=True)
    figures: dict[str, float] = json.loads(run.output)
    return figures


def a_long_thread(folder: Path, comments: int) -> None:
    """Visit one post with very many comments, and fetch the same answers by httpx alone."""
    few, _ = visited(folder, comments // 10)
    many, plain = visited(folder, comments)
    if many["count"] < comments:
        raise SystemExit(f"{many['count']:,} of {comments:,} comments were seen")
    added = (many["seconds"] - plain["seconds"]) * 1000 / comments
    line(
        f"{comments:,} comments of one post through the connector, over plain httpx",
        f"{added:.2f} ms an item ({many['seconds']:.1f} s / {plain['seconds']:.1f} s)",
        "under 2 ms an item",
        added < 2,
    )
    grown = many["peak_mb"] - few["peak_mb"]
    line(
        f"… its process, against {comments // 10:,} comments",
        f"{many['peak_mb']:.0f} / {few['peak_mb']:.0f} MB",
        f"flat: under {FLAT_MB} MB more",
        grown < FLAT_MB,
    )


def visited(folder: Path, comments: int) -> tuple[dict[str, float], dict[str, float]]:
    """Give what the visit of a page with so many *comments* took, and what fetching it did."""
    log = folder / f"asked-{comments}.txt"
    module = [sys.executable, "-m", "benchmarks.long_thread"]
    serving = subprocess.Popen(
        [*module, "serve", str(comments), str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with serving as server:
        address = server.stdout.readline().strip() if server.stdout else ""
        seen: dict[str, float] = json.loads(watched([*module, "visit", address]).output)
        asked = folder / f"again-{comments}.txt"
        shutil.copy(log, asked)
        plain: dict[str, float] = json.loads(
            watched([*module, "fetch", str(asked), address]).output
        )
        if server.stdin:
            server.stdin.close()
    return seen, plain


def memory(what: str, run: Run) -> None:
    line(what, f"{run.peak_mb:.0f} MB", f"under {LIMIT_MB} MB", run.peak_mb < LIMIT_MB)


if __name__ == "__main__":
    main()
