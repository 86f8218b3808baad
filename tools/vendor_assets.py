"""Brings the scripts and style sheets of the pages into the package: `python -m tools.vendor_assets`.

Packages come by name and version from npm (`npm pack`), are cut to what the pages use and written to
web/static/vendor with a list of SHA-256 sums, which a test holds the files against. Nothing is fetched when
the pages are served. The Transport typeface and the crest are not free to use elsewhere: they are left out.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "web" / "static" / "vendor"
LIST = VENDOR / "SHA256SUMS"

FILES = {
    "govuk-frontend@6.3.0": {
        "package/dist/govuk/govuk-frontend.min.css": "govuk-frontend-6.3.0.min.css",
        "package/dist/govuk/govuk-frontend.min.js": "govuk-frontend-6.3.0.min.js",
    },
    "htmx.org@4.0.1": {
        "package/dist/htmx.min.js": "htmx-4.0.1.min.js",
        "package/dist/ext/hx-sse.min.js": "htmx-sse-4.0.1.min.js",
        "package/LICENSE": "htmx.LICENSE.txt",
    },
}
FONTS = re.compile(rb"@font-face\{[^}]*\}")
TYPEFACE = b"GDS Transport,arial,sans-serif"
OWN_TYPEFACE = b'system-ui,"Noto Sans SC","Noto Sans CJK SC",sans-serif'
CREST = re.compile(rb"url\(/assets/[^)]*\)")
SOURCE_MAP = re.compile(rb"(?m)^(//# sourceMappingURL=.*|/\*# sourceMappingURL=.*\*/)\s*")


def main() -> None:
    """Fetch, cut, write, list."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for package, files in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                for inside, name in files.items():
                    found = archive.extractfile(inside)
                    if found is None:
                        raise FileNotFoundError(f"{package}: {inside}")
                    (VENDOR / name).write_bytes(cut(name, found.read()))
    LIST.write_text("".join(f"{digest(path)}  {path.name}\n" for path in vendored()), encoding="utf-8")


def cut(name: str, content: bytes) -> bytes:
    """The file without what may not be shipped, and without pointers to files that are not there."""
    content = SOURCE_MAP.sub(b"", content)
    if name.endswith(".css"):
        content = FONTS.sub(b"", content).replace(TYPEFACE, OWN_TYPEFACE)
        content = CREST.sub(b"none", content)
    return content


def vendored() -> list[Path]:
    """The files of the list, in order."""
    return sorted(path for path in VENDOR.iterdir() if path != LIST)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
