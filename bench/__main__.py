"""`python -m bench`: every measurement of the house, one after the other."""

from bench import audit, http_act, inbox, ledger, pages, reference, storm, verify

for measurement in (reference, ledger, verify, audit, inbox, pages, storm, http_act):
    measurement.main()
