"""From recorded to proven: sealing entries into the Merkle log, and signing what it has become."""
