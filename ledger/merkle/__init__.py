"""The Merkle log: one tree over all leaves, its proofs, and the tiles it is kept and published in."""

from ledger.merkle.proofs import (
    MAX_SIZE,
    ProofError,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from ledger.merkle.tiles import WIDTH, Tile, TileTree, grow, hashes_in, tile_path, tiles_of
from ledger.merkle.tree import EMPTY_ROOT, HASH_BYTES, Frontier, leaf_hash, node_hash, root_of

__all__ = [
    "EMPTY_ROOT",
    "WIDTH",
    "Tile",
    "TileTree",
    "grow",
    "hashes_in",
    "tile_path",
    "tiles_of",
    "HASH_BYTES",
    "MAX_SIZE",
    "Frontier",
    "ProofError",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]
