"""`python -m bench`: every measurement of the house, one after the other."""

from bench.reference import main

main()
