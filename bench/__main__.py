"""`python -m bench`: every measurement of the house, one after the other."""

from bench import audit, ledger, reference, verify

for measurement in (reference, ledger, verify, audit):
    measurement.main()
