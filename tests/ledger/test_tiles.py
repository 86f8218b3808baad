"""Tiles: grown in any steps they are those of the whole tree, and give its roots and proofs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.merkle import (
    HASH_BYTES,
    WIDTH,
    Tile,
    TileTree,
    consistency_proof,
    grow,
    hashes_in,
    inclusion_proof,
    root_of,
    tile_path,
    tiles_of,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.trees import leaves, mth, path, proof

LARGE = 70_000
"""The size of the example in C2SP tlog-tiles: three levels."""


@pytest.fixture(scope="module")
def large() -> dict[Tile, bytes]:
    """The tiles of a large log."""
    return grown([leaves(LARGE)])


def grown(chunks: list[list[bytes]]) -> dict[Tile, bytes]:
    """The tiles of a log that grew in these steps."""
    tiles: dict[Tile, bytes] = {}
    size = 0
    for chunk in chunks:
        tiles |= grow(size, chunk, tiles.__getitem__)
        size += len(chunk)
    return tiles


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 600), max_size=6))
def test_grown_in_steps_is_grown_at_once(steps: list[int]) -> None:
    every = leaves(sum(steps))
    chunks = [every[sum(steps[:at]) : sum(steps[: at + 1])] for at in range(len(steps))]
    assert grown(chunks) == grown([every])


@pytest.mark.parametrize("count", [1, 255, 256, 257, 511, 512, 1000])
def test_tiles_hold_the_hashes_that_the_specification_says(count: int) -> None:
    every = leaves(count)
    tiles = grown([every])
    for (level, number), tile in tiles.items():
        span = WIDTH**level
        for at, found in enumerate(hashes_in(tile), number * WIDTH):
            assert found == mth(every[at * span : (at + 1) * span])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, LARGE])
def test_widths_are_those_of_the_specification(size: int) -> None:
    widths = dict(tiles_of(size))
    assert {tile: len(hashes) // HASH_BYTES for tile, hashes in grown([leaves(size)]).items()} == widths
    for level in range(4):
        at_level = {number: width for (own, number), width in widths.items() if own == level}
        whole, part = divmod(size // WIDTH**level, WIDTH)
        assert at_level == dict.fromkeys(range(whole), WIDTH) | ({whole: part} if part else {})


def test_the_example_of_the_specification(large: dict[Tile, bytes]) -> None:
    widths = dict(tiles_of(LARGE))
    assert [sum(1 for level, _ in widths if level == wanted) for wanted in (0, 1, 2, 3)] == [274, 2, 1, 0]
    assert [widths[0, 273], widths[1, 1], widths[2, 0]] == [112, 17, 1]
    assert set(large) == set(widths)
    assert dict(tiles_of(WIDTH)) == {(0, 0): WIDTH, (1, 0): 1}


def test_root_of_every_size_from_the_tiles_of_the_largest() -> None:
    every = leaves(800)
    tiles = grown([every])
    for size in range(801):
        assert TileTree(size, tiles.__getitem__).root() == root_of(every[:size])


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_proofs_from_tiles_are_those_of_the_recursion(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 900))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    every = leaves(size)
    tree = TileTree(size, grown([every]).__getitem__)
    assert inclusion_proof(index, size, tree.subtree) == path(index, every)
    assert consistency_proof(old, size, tree.subtree) == proof(old, every)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_proofs_of_a_large_log_hold(large: dict[Tile, bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGE))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    tree, older = TileTree(size, large.__getitem__), TileTree(old, large.__getitem__)
    leaf = tree.subtree(index, index + 1)
    verify_inclusion(leaf, index, size, inclusion_proof(index, size, tree.subtree), tree.root())
    verify_consistency(old, size, consistency_proof(old, size, tree.subtree), older.root(), tree.root())


def test_a_proof_reads_few_tiles(large: dict[Tile, bytes]) -> None:
    read: list[Tile] = []

    def reading(tile: Tile) -> bytes:
        read.append(tile)
        return large[tile]

    inclusion_proof(40_000, LARGE, TileTree(LARGE, reading).subtree)
    assert len(read) <= 6


@pytest.mark.parametrize("size", [1, 300, 70_000])
def test_a_changed_hash_in_a_tile_changes_the_root(size: int, large: dict[Tile, bytes]) -> None:
    before = TileTree(size, large.__getitem__).root()
    level, number = max(tile for tile, _ in tiles_of(size))
    hashes = bytearray(large[level, number])
    hashes[0] ^= 1
    assert TileTree(size, (large | {(level, number): bytes(hashes)}).__getitem__).root() != before


@pytest.mark.parametrize("cut", [HASH_BYTES, 1])
def test_a_short_tile_is_refused(cut: int) -> None:
    tiles = grown([leaves(300)])
    short = tiles | {(0, 1): tiles[0, 1][:-cut]}
    with pytest.raises(ValueError, match="tile 0/1 is too short"):
        TileTree(300, short.__getitem__).root()
    with pytest.raises(ValueError, match="tile 0/1 is too short"):
        grow(300, leaves(1), short.__getitem__)


@pytest.mark.parametrize(("start", "end"), [(0, 301), (-1, 5), (5, 4)])
def test_ranges_outside_the_tree_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no leaves"):
        TileTree(300, grown([leaves(400)]).__getitem__).subtree(start, end)


@pytest.mark.parametrize(
    ("level", "number", "width", "wanted"),
    [
        (0, 0, WIDTH, "tile/0/000"),
        (0, 999, WIDTH, "tile/0/999"),
        (0, 1000, WIDTH, "tile/0/x001/000"),
        (1, 1_234_067, WIDTH, "tile/1/x001/x234/067"),
        (0, 273, 112, "tile/0/273.p/112"),
        (2, 0, 1, "tile/2/000.p/1"),
        ("entries", 1_234_067, 8, "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_are_those_of_the_specification(level: int | str, number: int, width: int, wanted: str) -> None:
    assert tile_path(level, number, width) == wanted
