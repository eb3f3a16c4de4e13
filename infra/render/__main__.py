"""`python -m infra.render [spec|template|routes|events] [--check]`: writes rendered files, or names stale ones."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "layers/common/python"), str(_ROOT / "functions")]

from infra.render.files import KINDS, stale, write  # noqa: E402 - needs the path above
from infra.render.systems import systems  # noqa: E402


def main(arguments: list[str]) -> int:
    """Render the kinds named, all when none is. With `--check` nothing is written and stale files make it 1."""
    parser = argparse.ArgumentParser(prog="python -m infra.render", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="{spec,template,routes,events}")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    options = parser.parse_args(arguments)
    found, behind = systems(), False
    for name in options.kinds or KINDS:
        kind = KINDS[name]
        files = kind.render(found)
        touched = stale(files, kind) if options.check else write(files, kind)
        verb = "stale" if options.check else "written"
        print(f"{name}: {len(files)} files, {len(touched)} {verb}")
        for path in touched:
            print(f"  {path}")
        behind = behind or (options.check and bool(touched))
    if behind:
        print("Run `make spec template events` and commit the result.", file=sys.stderr)
    return int(behind)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
