"""Carrying a plan out: one loop over its operations, rows turned into batches, results turned into the next base.

Knows writers and the journal by their ports only; what a batch looks like on the wire is the adapters' business.
"""
