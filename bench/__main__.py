"""`python -m bench`: every measurement of the house, one after the other."""

from bench import audit, ledger, reference, storm, verify

for measurement in (reference, ledger, verify, audit, storm):
    measurement.main()
