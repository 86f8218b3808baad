"""Events out: what is recorded here is told to other systems and to people, outside the way of every act.

The ledger is the queue. Each subscription remembers up to which ledger number it has been told; nothing is
copied before it is due, and nothing is told twice under two names.
"""
