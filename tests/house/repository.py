"""House rules about addresses and shipped files: each function returns what breaks the rule, in words."""

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(csv|ics))?")
MACHINE = re.compile(r"/(?:work|farm|root|home/\w+|Users/\w+)/")


def bad_addresses(app: Flask) -> list[str]:
    faults = []
    for rule in app.url_map.iter_rules():
        if (
            rule.rule.startswith("/.well-known/")
            or rule.rule in ("/robots.txt", "/manifest.webmanifest", "/sw.js")
            or rule.endpoint == "static"
        ):
            continue
        words = [part for part in re.sub(r"<[^>]+>", "x", rule.rule).split("/") if part]
        faults += [f"{rule.rule}: {word!r} is not kebab-case" for word in words if not KEBAB.fullmatch(word)]
        kinds = re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", rule.rule)
        faults += [
            f"{rule.rule}: <{kind}:...> in an address" for kind in kinds if kind in ("int", "float", "path", "any")
        ]
    return faults


def mixed_methods(app: Flask) -> list[str]:
    faults = []
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        if methods not in ({"GET"}, {"POST"}):
            faults.append(f"{rule.endpoint} takes {', '.join(sorted(methods))}")
    return faults


def dead_links(app: Flask, html: dict[str, str], slugs: set[str]) -> list[str]:
    """Links of texts, by name, that lead nowhere: no address of the portal, or the slug of no content file."""
    addresses = app.url_map.bind("localhost")
    faults = []
    for name, text in html.items():
        for link in re.findall(r'href="([^"]*)"', text):
            if link.startswith(("https://", "tel:", "sms:", "#")):
                continue
            path = link.split("#")[0].split("?")[0]
            slug = addresses.match(path)[1].get("slug") if addresses.test(path) else None
            if not addresses.test(path) or (slug and slug not in slugs):
                faults.append(f"{name}: {link}")
    return faults


def shipped_text(root: Path) -> Iterator[Path]:
    """Every text file that is part of the repository."""
    tops = [root / name for name in ("portal", "templates", "static", "tests", ".ci")]
    files = [path for top in tops for path in top.rglob("*") if path.is_file()]
    files += [path for path in root.iterdir() if path.is_file()]
    for path in sorted(files):
        if path.suffix in {
            ".py",
            ".html",
            ".css",
            ".js",
            ".md",
            ".toml",
            ".lock",
            ".json",
            ".svg",
            ".txt",
            "",
        }:
            yield path


def machine_paths(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}: {found[0]}"
        for path in shipped_text(root)
        if path.name != Path(__file__).name
        and (found := MACHINE.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]


def locks_with_addresses(root: Path) -> list[str]:
    return [
        f"{path.name}: {line}"
        for path in sorted(root.glob("*.lock"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "://" in line and not line.lstrip().startswith("#")
    ]
