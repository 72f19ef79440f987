"""Name the installed packages with compiled code for which there was no wheel, so that a compiler had to build it."""

from __future__ import annotations

import sys
from importlib.metadata import distributions


def built_here() -> list[str]:
    """Those whose wheel is of this platform as such; wheels from an index name an older one that they run on, too."""
    found = []
    for one in distributions():
        tags = [line for line in (one.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
        if any(tag.endswith(("-linux_x86_64", "-linux_aarch64")) for tag in tags):
            found.append(f"{one.name} {one.version}")
    return sorted(found)


if __name__ == "__main__":
    names = built_here()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {', '.join(names) or 'no package'} had no wheel and was compiled here")
