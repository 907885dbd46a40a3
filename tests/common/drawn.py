"""What the SVG files of this package show, read from the files."""

import re
from xml.etree import ElementTree

Point = tuple[float, float]


def tree(svg: str) -> ElementTree.Element:
    """Return the elements, without their namespace."""
    return ElementTree.fromstring(svg.replace(' xmlns="http://www.w3.org/2000/svg"', ""))


def paths(svg: str, prefix: str) -> list[list[Point]]:
    """Return the points of the path of each group whose id begins so, in the order of the file."""
    groups = [g for g in tree(svg).iter("g") if re.fullmatch(rf"{prefix}_\d+", g.get("id", ""))]
    numbers = [
        [float(n) for n in re.findall(r"[-\d.]+", g.find(".//path").get("d", ""))] for g in groups
    ]
    return [list(zip(each[::2], each[1::2], strict=True)) for each in numbers]


def dots(svg: str) -> list[Point]:
    """Return the middle of each dot, in the order of the file."""
    sides = [list(zip(*path, strict=True)) for path in paths(svg, "tip")]
    return [((min(x) + max(x)) / 2, (min(y) + max(y)) / 2) for x, y in sides]


def tips(svg: str) -> list[str]:
    """Return the text under the pointer of each dot, in the order of the file."""
    groups = [g for g in tree(svg).iter("g") if g.get("id", "").startswith("tip_")]
    return [group.find("title").text for group in groups]


def texts(svg: str) -> list[str]:
    """Return all words that are written in the picture."""
    return [text.text or "" for text in tree(svg).iter("text")]
