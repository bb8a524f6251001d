"""What is seen of a running `sfdd watch` from outside, over HTTP: a page, metrics, and the answers to probes.

Nothing is changed through here, and nothing is known here but the value of a `Service` and what the loop reports of its
runs. No other room but `model` is imported.
"""
