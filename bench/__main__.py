"""`python -m bench`: every measurement of the house, one after the other."""

from bench import audit, inbox, ledger, reference, storm, verify

for measurement in (reference, ledger, verify, audit, inbox, storm):
    measurement.main()
